"""A rendered project brought to other options or to a newer template, with the user's edits kept.

For each file there are three texts: what the template made when the project was rendered (the base), what it makes now,
and what the user has. Only the difference between the first two is applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from fastapi_expert.render.changes import Change, State, TargetError
from fastapi_expert.render.line_ends import line_end_of, usual_line_end, with_line_end
from fastapi_expert.render.manifest import BASE, MANIFEST, Manifest, ManifestError
from fastapi_expert.render.merge import merge
from fastapi_expert.render.migrations import head, is_migration, joined, read_revisions
from fastapi_expert.render.project import made_of, rendered_files
from fastapi_expert.render.template import Template

SETTINGS = "pyproject.toml"


def plan_update(
    root: Path,
    template: Template,
    values: Mapping[str, object],
    *,
    manifest: Manifest | None = None,
    force: bool = False,
) -> list[Change]:
    """Plan what other option values, or another version of the template, change in a project.

    Args:
        root: the project.
        template: the template as it is now.
        values: the options that get another value; the others stay as the manifest has them.
        manifest: that of the project, if it was read already.
        force: put the template's file also where something else lies.

    Raises:
        ManifestError: the project was not made by this program, or its manifest is damaged.
        MergeError: a file can't be merged.
        MigrationError: the project's migrations have no single end.
        OptionError, TemplateError, TidyError: as when rendering.
        TargetError: a module of the project has the name of a new one.
    """
    manifest = manifest or Manifest.read(root)
    if manifest.template != template.name:
        raise ManifestError(f"{root} was not made by `fastapi-expert new`; `add` brings its patterns to newer ones")
    known = {name: value for name, value in manifest.options.items() if name in template.defaults()}
    options = template.complete(known | dict(values))
    new = rendered_files(template, manifest.name, options, _unaffected(template, manifest, options))
    migrations, new_base = _new_migrations(root, manifest, new)
    new = {path: content for path, content in new.items() if not is_migration(path)}
    base = {path: content for path, content in manifest.base.items() if not is_migration(path)}
    changes = [*changes_of(root, base, new, force=force), *migrations]
    digest = made_of(template, manifest.name, options)
    after = Manifest(manifest.template, manifest.name, options, new | new_base, digest).files()
    return changes + list(records(root, after))


def _unaffected(template: Template, manifest: Manifest, options: Mapping[str, Any]) -> dict[str, bytes]:
    """The files that come out as they did, and need not be rendered: none, where more than options is new."""
    if manifest.made_of != made_of(template, manifest.name, manifest.options):
        return {}
    paths = template.unaffected(manifest.options, options, manifest.name)
    if SETTINGS not in paths:  # ruff goes by it, and the locks
        return {}
    return {path: content for path, content in manifest.base.items() if path in paths and path != SETTINGS}


def changes_of(
    root: Path,
    base: Mapping[str, bytes],
    new: Mapping[str, bytes],
    *,
    force: bool,
    like: bytes | None = None,
    way_out: str = "rename it",
) -> list[Change]:
    """Tell what happens to each file of a project.

    Args:
        root: the project.
        base: what was written last, by relative POSIX path.
        new: what is to be there now.
        force: put what is new also where something else lies.
        like: a file whose line ends the new ones get, beside those that are there of `base`.
        way_out: what to do about a module that has the name of a new one.

    Raises:
        MergeError: a file can't be merged.
        TargetError: what is new and what is there would be one module, and Python would import only one of them.
    """
    for path in sorted(new.keys() - base.keys()):
        if other := namesake(root, path):
            raise TargetError(f"{root / other} is imported by the same name as {path} would be: {way_out}")
    present = {path: content_of(root / path) for path in sorted(base.keys() | new.keys())}
    line_end = usual_line_end(text for text in (like, *map(present.get, base)) if text)
    changes = []
    for path, yours in present.items():
        ends = line_end_of(yours) if yours else line_end
        before, after = (with_line_end(side[path], ends) if path in side else None for side in (base, new))
        if change := _change_of(path, before, after, yours, force=force):
            changes.append(change)
    return changes


def namesake(root: Path, path: str) -> str | None:
    """Find the package that would hide a new module, or the module that a new package would hide."""
    module = PurePosixPath(path)
    if module.suffix != ".py":
        return None
    package = module.with_suffix("")
    if any((root / package).glob("*.py")):
        return str(package)
    hidden = (folder.with_suffix(".py") for folder in module.parents if folder.name and not (root / folder).exists())
    return next((str(other) for other in hidden if (root / other).is_file()), None)


def _change_of(path: str, base: bytes | None, new: bytes | None, yours: bytes | None, *, force: bool) -> Change | None:
    """Tell what happens to a file, where all three have the same line ends."""
    if base == new or yours == new:
        return None
    if yours is None:  # deleted by the user, or not yet there
        return Change(path, State.CREATE, None, new) if base is None else None
    if yours == base:
        return Change(path, State.DELETE if new is None else State.UPDATE, yours, new)
    if new is None:
        return Change(path, State.KEEP, yours, yours)
    if base is None:
        return Change(path, State.UPDATE, yours, new) if force else Change(path, State.REFUSE, yours, new)
    merged, has_conflicts = merge(base, yours, new)
    if merged == yours:
        return None
    return Change(path, State.CONFLICT if has_conflicts else State.MERGE, yours, merged)


def _new_migrations(root: Path, manifest: Manifest, new: Mapping[str, bytes]) -> tuple[list[Change], dict[str, bytes]]:
    """Plan the migrations that the project doesn't have, and give all of them as the next base has them."""
    base = {path: content for path, content in manifest.base.items() if is_migration(path)}
    present = migrations_of(root)
    known = {revision.id for revision in read_revisions(present | base)}
    coming = [revision for revision in read_revisions(new) if revision.id not in known]
    changes = []
    last = head(read_revisions(present)) if coming else ""
    line_end = usual_line_end(present.values())
    for revision in coming:
        content = joined(new[revision.path], revision, last)
        changes.append(Change(revision.path, State.CREATE, None, with_line_end(content, line_end)))
        base[revision.path] = content
        last = revision.id
    return changes, base


def migrations_of(root: Path) -> dict[str, bytes]:
    """The migrations that a project has, by relative POSIX path."""
    files = (file.relative_to(root).as_posix() for file in root.rglob("app/migrations/versions/*.py"))
    return {path: (root / path).read_bytes() for path in files if is_migration(path)}


def records(root: Path, files: Mapping[str, bytes]) -> Iterable[Change]:
    """Give the changes of the files in which a manifest is kept."""
    for path, content in files.items():
        before = content_of(root / path)
        if before != content:
            yield Change(path, State.UPDATE, before, content)


def is_record(change: Change) -> bool:
    """Whether a change is of the manifest: part of every plan, and nothing to tell the user about."""
    return change.path in {MANIFEST, BASE}


def content_of(file: Path) -> bytes | None:
    """Read what lies there, None for nothing."""
    return file.read_bytes() if file.is_file() else None
