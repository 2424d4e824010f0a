"""A new project from a template: planned in memory, then written whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from fastapi_expert.render.lock import prune_locks
from fastapi_expert.render.manifest import Manifest
from fastapi_expert.render.resources import render_resources
from fastapi_expert.render.template import OptionError, Template
from fastapi_expert.render.tidy import tidy


class TargetError(Exception):
    """The folder to write to is not one that this may write to."""


@dataclass(frozen=True)
class Project:
    """Everything that will be written.

    Attributes:
        root: the folder that will hold it, which doesn't exist yet or is empty.
        files: relative POSIX path to content.
    """

    root: Path
    files: Mapping[str, bytes]


def plan_project(template: Template, root: Path, values: Mapping[str, object]) -> Project:
    """Render a project named after its folder, in memory.

    Raises:
        OptionError: a name or an option value that the template doesn't take.
        TargetError: something is at `root` already.
        TemplateError, TidyError: the template is broken.
    """
    root = root.absolute()
    if root.is_dir():
        if any(root.iterdir()):
            raise TargetError(f"{root} exists and is not empty: choose another name, or move it away")
    elif root.exists() or root.is_symlink():
        raise TargetError(f"{root} exists and is no folder")
    files = rendered_files(template, root.name, values)
    manifest = Manifest(template.name, root.name, template.complete(values), files)
    return Project(root, files | manifest.files())


def rendered_files(template: Template, name: str, values: Mapping[str, object]) -> dict[str, bytes]:
    """Render, resources included, take out what the options left unused, and give the files as they are written.

    Raises:
        OptionError: a name or an option value that the template doesn't take.
        TemplateError, TidyError: the template is broken.
    """
    service, resources = template.render(values, name=name), render_resources(template, values)
    twice = sorted(service.keys() & resources.keys())
    if twice:
        raise OptionError(f"{twice[0]} is a resource's already, which was added under that name")
    texts = tidy(prune_locks(service) | resources)
    return {path: text.encode() for path, text in texts.items()}


def write_project(project: Project) -> None:
    """Write beside the target, then rename: an interrupted run leaves no half project.

    Raises:
        TargetError: the folder can't be written.
    """
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
