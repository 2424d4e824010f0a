"""A new project from a template: planned in memory, then written whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp

from fastapi_expert.render.changes import Change, State, TargetError, write_changes
from fastapi_expert.render.lock import prune_locks
from fastapi_expert.render.manifest import Manifest
from fastapi_expert.render.resources import render_resources
from fastapi_expert.render.template import DESCRIPTION_FILE, OptionError, Template
from fastapi_expert.render.tidy import tidy

# What a repository has before it has any code. What begins with a dot is some tool's.
FIRST_FILES = ("README", "LICENSE", "LICENCE", "COPYING", "NOTICE")


@dataclass(frozen=True)
class Project:
    """Everything that will be written.

    Attributes:
        root: the folder that will hold it; there is nothing yet, or as little as a new repository has.
        files: relative POSIX path to content.
    """

    root: Path
    files: Mapping[str, bytes]


def plan_project(
    template: Template, root: Path, values: Mapping[str, object], *, name: str | None = None, force: bool = False
) -> Project:
    """Render a project in memory.

    Args:
        template: what to render.
        root: the folder to fill, which may be a repository that is still without code.
        values: the options that differ from their defaults.
        name: what it is called, in kebab-case; without one, as its folder.
        force: replace the files that are there already.

    Raises:
        OptionError: a name or an option value that the template doesn't take.
        TargetError: something is at `root` already.
        TemplateError, TidyError: the template is broken.
    """
    root = root.absolute()
    if root.is_dir():
        others = sorted(path.name for path in root.iterdir() if not path.name.startswith((".", *FIRST_FILES)))
        if others:
            raise TargetError(f"{root} exists and is not empty, it holds {others[0]}: choose another name")
    elif root.exists() or root.is_symlink():
        raise TargetError(f"{root} exists and is no folder")
    name = root.name if name is None else name
    files = rendered_files(template, name, values)
    options = template.complete(values)
    files |= Manifest(template.name, name, options, files, made_of(template, name, options)).files()
    there = sorted(path for path in files if (root / path).exists())
    if there and not force:
        raise TargetError(f"{', '.join(there)} in {root} would be replaced: give --force, or move it away")
    return Project(root, files)


def rendered_files(
    template: Template, name: str, values: Mapping[str, object], present: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """Render, resources included, take out what the options left unused, and give the files as they are written.

    Args:
        template: what to render.
        name: of the project, in kebab-case.
        values: the options that differ from their defaults.
        present: files that are known to come out like this.

    Raises:
        OptionError: a name or an option value that the template doesn't take.
        TemplateError, TidyError: the template is broken.
    """
    resources = render_resources(template, values)
    known = {path: content for path, content in (present or {}).items() if path not in resources}
    service = template.render(values, name=name, besides=known)
    twice = sorted(service.keys() & resources.keys())
    if twice:
        raise OptionError(f"{twice[0]} is a resource's already, which was added under that name")
    texts = tidy(prune_locks(service) | resources, beside=known)
    return {path: text.encode() for path, text in texts.items()} | known


def made_of(template: Template, name: str, options: Mapping[str, object]) -> str:
    """A digest of all that decides what is rendered: where it is the same, so is every file."""
    tools = {tool: version(tool) for tool in ("jinja2", "ruff")}
    digest = sha256(json.dumps([name, options, tools], sort_keys=True).encode())
    for file in (template.directory / DESCRIPTION_FILE, *sorted(Path(__file__).parent.glob("*.py"))):
        digest.update(file.read_bytes())
    for source in sorted(template.sources.items()):
        digest.update("\0".join(source).encode())
    return digest.hexdigest()


def write_project(project: Project) -> None:
    """Write it whole or not at all: beside the target, then rename, or file by file into a folder that is in use.

    Raises:
        TargetError: the folder can't be written.
    """
    if project.root.is_dir() and any(project.root.iterdir()):
        write_changes(project.root, _changes(project))
        return
    try:
        project.root.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=f".{project.root.name}-", dir=project.root.parent))
    except OSError as error:
        raise TargetError(f"can't write below {project.root.parent}: {error.strerror}") from error
    try:
        for path, content in project.files.items():
            file = draft / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        draft.chmod(0o755)  # mkdtemp makes it private
        draft.replace(project.root)
    except OSError as error:
        raise TargetError(f"can't write {project.root}: {error.strerror}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _changes(project: Project) -> Iterator[Change]:
    for path, content in project.files.items():
        file = project.root / path
        before = file.read_bytes() if file.exists() else None
        yield Change(path, State.CREATE if before is None else State.UPDATE, before, content)
