"""Patterns in a project that `new` did not make: their files beside the project's own, and the application wired.

What was written is remembered as in a service (`manifest.py`): patterns that come later, and newer ones, are merged
into the user's edits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from fastapi_expert.render.applications import (
    Application,
    application_in,
    as_imported_by,
    find_applications,
    home_of,
    project_of,
    ruff_settings,
    tool_tables,
)
from fastapi_expert.render.changes import Change, State, TargetError
from fastapi_expert.render.edits import EditError
from fastapi_expert.render.foreign_migrations import Alembic, env_lines, env_with_tables, find_alembic, next_migrations
from fastapi_expert.render.manifest import MANIFEST, Manifest
from fastapi_expert.render.migrations import MigrationError
from fastapi_expert.render.patterns import (
    KIND,
    Home,
    Pattern,
    Wiring,
    files_of,
    laid_out,
    patterns_of,
    render_patterns,
    requirements_of,
    untyped_modules,
    with_needs,
)
from fastapi_expert.render.template import Template
from fastapi_expert.render.update import changes_of, namesake, records
from fastapi_expert.render.wiring import lines_of, wired


@dataclass(frozen=True)
class Lines:
    """What somebody has to put into a file that can't be edited safely.

    Attributes:
        where: it goes.
        why: it is not edited.
        lines: as they are typed.
    """

    where: str
    why: str
    lines: list[str]


@dataclass(frozen=True)
class Plan:
    """What happens to a project, and what is left to somebody who knows it.

    Attributes:
        changes: of files.
        lines: for files that the changes leave alone.
        migrations: what is to be done so that the tables are made.
        by_hand: what only somebody who knows the project can write, by pattern.
        untyped: what mypy, which the project uses, must be told that it has no types, as `module = […]` takes it.
        requirements: to install, as pip takes them.
        test_requirements: the same, for the tests.
        tests: the files of the tests.
        in_the_way: what of the project has a name that other patterns need, while it can still be avoided.
    """

    changes: list[Change]
    lines: list[Lines]
    migrations: str
    by_hand: dict[str, str]
    untyped: list[str]
    requirements: list[str]
    test_requirements: list[str]
    tests: list[str]
    in_the_way: list[str]


def plan_pattern(root: Path, template: Template, name: str, package: str | None, *, force: bool = False) -> Plan:
    """Plan a project with one pattern more, beside those that were put into it before.

    Args:
        root: the project.
        template: what has the pattern.
        name: the pattern; what it needs comes with it.
        package: where it goes, as `home_of` takes it; None where that is to be found out, or was said before.
        force: also replace what lies in the way.

    Raises:
        ManifestError, MergeError: what was written before can't be read, or merged.
        OptionError: a pattern that only a service can have.
        TargetError: it can't be told where the files go, they are somewhere else already, or a module of the project
            has the name of one of them.
        TemplateError, TidyError: as when rendering.
    """
    if not root.is_dir():
        raise TargetError(f"{root} is no folder")
    manifest = Manifest.read(root) if (root / MANIFEST).is_file() else Manifest(KIND, "patterns", {}, {})
    present: list[str] = manifest.options.get("patterns", [])
    patterns = with_needs(patterns_of(template), [*present, name])
    home, application = _home(root, manifest.options, package)
    rendered = render_patterns(template, patterns)
    texts = files_of(rendered, patterns, home)
    alembic = find_alembic(root, home)
    migrations, left = _migrations(root, alembic, rendered, patterns, manifest.base)
    texts = laid_out(texts | migrations, ruff_settings(root, home))
    new = _packages_settled(root, home, manifest.base, {path: text.encode() for path, text in texts.items()})
    like = (root / application.path).read_bytes() if application else None
    way_out = "rename it" if manifest.base else "--package NAME goes elsewhere"
    changes = changes_of(root, manifest.base, new, force=force, like=like, way_out=way_out)
    coming = [pattern for pattern in patterns if pattern.name == name or pattern.name not in present]
    edits = [
        _wire(root, application, [statement for each in coming for statement in each.wiring], home),
        _env_with_tables(root, alembic, [each.migration.model for each in patterns if each.migration], home),
    ]
    options = {
        "patterns": [pattern.name for pattern in patterns],
        "source": str(home.source),
        "package": home.package,
        "tests": str(home.tests),
    }
    written = {path: text for path, text in texts.items() if path not in manifest.base}
    needed, for_tests = requirements_of(template, coming)
    return Plan(
        changes=[
            *changes,
            *(edit for edit in edits if isinstance(edit, Change)),
            *records(root, Manifest(KIND, "patterns", options, new).files()),
        ],
        lines=[edit for edit in edits if isinstance(edit, Lines)],
        migrations=left if any(pattern.migration for pattern in coming) else "",
        by_hand={pattern.name: home.text(pattern.by_hand) for pattern in coming if pattern.by_hand},
        untyped=untyped_modules(template, written) if _uses_mypy(root, home) else [],
        requirements=needed,
        test_requirements=for_tests,
        tests=[home.path(path) for pattern in coming for path in pattern.tests if "/test_" in path],
        in_the_way=[] if manifest.base else _in_the_way(root, template, home, new),
    )


def _in_the_way(root: Path, template: Template, home: Home, new: Mapping[str, bytes]) -> list[str]:
    if not (root / home.folder / "core").exists():
        return []
    known = patterns_of(template)
    patterns = with_needs(known, known)
    files = files_of(render_patterns(template, patterns), patterns, home)
    others = (path for path in sorted(files.keys() - new.keys()) if not path.endswith("__init__.py"))
    return [found for path in others if (found := path if (root / path).is_file() else namesake(root, path))]


def _uses_mypy(root: Path, home: Home) -> bool:
    project = root / project_of(root, home.source)
    return (project / "mypy.ini").is_file() or "mypy" in tool_tables(project)


def _home(root: Path, options: Mapping[str, Any], package: str | None) -> tuple[Home, Application | None]:
    applications = find_applications(root)
    if not options:
        home = home_of(root, applications, package)
    else:
        home = Home(PurePosixPath(options["source"]), options["package"], PurePosixPath(options["tests"]))
        if package not in {None, home.package or "."}:
            raise TargetError(f"{root}: patterns are in {home.folder} already; --package can't take others elsewhere")
    return home, application_in(home, applications)


def _migrations(
    root: Path,
    alembic: Alembic | None,
    rendered: Mapping[str, str],
    patterns: Sequence[Pattern],
    base: Mapping[str, bytes],
) -> tuple[dict[str, str], str]:
    """Give the migrations by their paths in the project, or say what is to be done for the tables."""
    wanted = {each.migration.file: rendered[each.migration.file] for each in patterns if each.migration}
    if not wanted:
        return {}, ""
    there = {PurePosixPath(path).name: path for path in base}
    written = {path: base[path].decode() for file in wanted if (path := there.get(PurePosixPath(file).name))}
    coming = {file: text for file, text in wanted.items() if PurePosixPath(file).name not in there}
    if alembic is None:
        return (
            written,
            "make the tables of the patterns in your database: no Alembic was found here, so no migration came",
        )
    try:
        placed = next_migrations(root, alembic, coming)
    except MigrationError as error:
        return written, f"no migration was written for the tables ({error}); then say this again"
    return written | placed, "read the migration, then alembic upgrade head" if placed else ""


def _wire(root: Path, application: Application | None, wanted: Sequence[Wiring], home: Home) -> Change | Lines | None:
    """Wire the application, or give the lines that do."""
    if not wanted:
        return None
    where = "where your application is made"
    if application is None:
        return Lines(where, "no one application is certain to be meant", lines_of(wanted, home))
    source = (root / application.path).read_bytes()
    try:
        after = wired(source, application, wanted, home)
    except (EditError, RecursionError) as error:  # the latter of code that is nested deeply
        lines = lines_of(wanted, home, application.variable or "app")
        return Lines(where, f"{application.path}: {error}", lines)
    return _edit(application.path, source, after)


def _env_with_tables(root: Path, alembic: Alembic | None, models: Sequence[str], home: Home) -> Change | Lines | None:
    """Make Alembic compare the tables of the patterns, or give the lines that do."""
    models = [model for model in models if model]
    if alembic is None or not models:
        return None
    home = as_imported_by(root, alembic.env, home)
    source = (root / alembic.env).read_bytes()
    try:
        after = env_with_tables(source, home, models)
    except (EditError, RecursionError) as error:  # the latter of code that is nested deeply
        return Lines(
            "into env.py, so that autogenerate keeps the tables", f"{alembic.env}: {error}", env_lines(home, models)
        )
    return _edit(alembic.env, source, after)


def _edit(path: PurePosixPath, source: bytes, after: bytes) -> Change | None:
    return Change(str(path), State.EDIT, source, after) if after != source else None


def _packages_settled(root: Path, home: Home, base: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, bytes]:
    """Leave out the `__init__.py` of folders that are there, and of those inside a folder that has none itself."""
    settled = {path: content for path, content in base.items() if path.endswith("__init__.py")}
    tests = home.tests.parent
    if not (root / tests).exists():
        settled[str(tests / "__init__.py")] = b""
    for folder in reversed([home.folder, *home.folder.parents]):
        if not (root / folder).exists() and _is_package(root, home, folder.parent, settled):
            settled[str(folder / "__init__.py")] = b""
    for path, content in sorted(new.items()):
        folder = PurePosixPath(path).parent
        in_package = folder.is_relative_to(tests) or _is_package(root, home, folder.parent, settled)
        if not path.endswith("__init__.py") or (in_package and not (root / folder).exists()):
            settled[path] = content
    return settled


def _is_package(root: Path, home: Home, folder: PurePosixPath, new: Mapping[str, bytes]) -> bool:
    inside = str(folder / "__init__.py")
    return folder == home.source or inside in new or (root / inside).is_file()
