"""The migrations of patterns in a project with an Alembic of its own: at the end of its line, and in its `env.py`."""

from __future__ import annotations

import configparser
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import libcst as cst
from libcst import matchers as m

from fastapi_expert.render.applications import tool_tables
from fastapi_expert.render.edits import EditError, import_line, parse, with_import
from fastapi_expert.render.migrations import Revision, head, joined, read_revision
from fastapi_expert.render.patterns import Home

BASE = "PatternBase"  # what `Base` of the patterns is called beside the project's own
_TARGET = m.Name("target_metadata")
_ONLY_IMPORTED = "noqa: F401 - its table"


@dataclass(frozen=True)
class Alembic:
    """Where a project keeps its migrations.

    Attributes:
        scripts: the folder of `env.py`, relative to the project's root.
    """

    scripts: PurePosixPath

    @property
    def env(self) -> PurePosixPath:
        """What says how Alembic connects, and which tables it compares."""
        return self.scripts / "env.py"

    @property
    def versions(self) -> PurePosixPath:
        """The folder of the migrations."""
        return self.scripts / "versions"


def find_alembic(root: Path, home: Home) -> Alembic | None:
    """Find the Alembic that is configured nearest to where the patterns go; None where there is none.

    Raises:
        TargetError: a `pyproject.toml` can't be read.
    """
    for folder in (home.folder, *home.folder.parents):
        location = _script_location(root / folder)
        if location is not None:
            scripts = (root / folder / location.replace(":", "/")).resolve()
            if (scripts / "env.py").is_file() and scripts.is_relative_to(root.resolve()):
                return Alembic(PurePosixPath(scripts.relative_to(root.resolve()).as_posix()))
    return None


def _script_location(folder: Path) -> str | None:
    config = configparser.ConfigParser({"here": "."}, interpolation=None)
    try:
        config.read(folder / "alembic.ini", encoding="utf-8")
        location = config.get("alembic", "script_location", fallback=None)
    except (configparser.Error, UnicodeDecodeError):
        return None
    if location is None:
        location = tool_tables(folder).get("alembic", {}).get("script_location")
    return location.replace("%(here)s/", "") if isinstance(location, str) else None


def next_migrations(root: Path, alembic: Alembic, wanted: Mapping[str, str]) -> dict[str, str]:
    """Give migrations a place at the end of the line, except those that the project has under another name.

    Args:
        root: the project.
        alembic: where it keeps them.
        wanted: the template's path to its text, in order.

    Raises:
        MigrationError: the project's migrations can't be read, or have no single end.
    """
    files = (root / alembic.versions).glob("*.py")
    present = [read_revision(file.name, file.read_bytes()) for file in files if file.name != "__init__.py"]
    placed: dict[str, str] = {}
    for source, text in wanted.items():
        coming = read_revision(source, text.encode())
        if coming.id not in {revision.id for revision in present}:
            path = str(alembic.versions / PurePosixPath(source).name)
            last = head(present, f"{alembic.versions}/") if present else None
            placed[path] = joined(text.encode(), coming, last).decode()
            present.append(Revision(path, coming.id, (last,) if last else ()))
    return placed


def env_lines(home: Home, models: Iterable[str]) -> list[str]:
    """Write what `env.py` wants, as somebody would type it.

    Args:
        home: where the patterns are.
        models: one of their models from each of the modules that hold any, dotted, as the template calls them.
    """
    return [
        *(f"{import_line(*_module_and_name(home, model))}  # {_ONLY_IMPORTED}" for model in models),
        import_line(home.module("app.core.database"), "Base", BASE),
        f"target_metadata = [..., {BASE}.metadata]",
    ]


def env_with_tables(source: bytes, home: Home, models: Iterable[str]) -> bytes:
    """Make `env.py` compare the tables of patterns too, which autogenerate would drop otherwise.

    Args:
        source: the module.
        home: where the patterns are.
        models: one of their models from each of the modules that hold any, dotted, as the template calls them.

    Returns:
        The module with the tables; the same bytes where it has them all.

    Raises:
        EditError: the module can't be read, or its `target_metadata` is none, or more than a name for what is compared.
    """
    module = parse(source)
    if not m.findall(module, m.AsName(name=m.Name(BASE))):
        module = _with_target(module)
        module = with_import(module, home.module("app.core.database"), "Base", BASE)
    for model in models:
        imported, name = _module_and_name(home, model)
        if not m.findall(module, m.ImportAlias(name=m.Name(name))):
            module = with_import(module, imported, name, comment=_ONLY_IMPORTED)
    return module.bytes


def _module_and_name(home: Home, model: str) -> tuple[str, str]:
    module, _, name = home.module(model).rpartition(".")
    return module, name


def _with_target(module: cst.Module) -> cst.Module:
    assigned = m.SimpleStatementLine(body=[m.Assign(targets=[m.AssignTarget(_TARGET)])])
    places = [index for index, node in enumerate(module.body) if m.matches(node, assigned)]
    passed_on = m.findall(module, m.Arg(keyword=_TARGET, value=_TARGET))
    if len(places) != 1 or len(m.findall(module, _TARGET)) != 1 + 2 * len(passed_on):
        raise EditError("`target_metadata` is not set once, and then only handed on")
    line: Any = module.body[places[0]]
    (assignment,) = line.body
    changed = line.with_changes(body=[assignment.with_changes(value=_with_patterns(assignment.value))])
    return module.with_changes(body=[*module.body[: places[0]], changed, *module.body[places[0] + 1 :]])


def _with_patterns(compared: cst.BaseExpression) -> cst.BaseExpression:
    new = cst.parse_expression(f"{BASE}.metadata")
    if m.matches(compared, m.Name("None")):  # beside ours alone, every other table would be one to drop
        raise EditError("`target_metadata` is None, so nothing is compared; when it no longer is")
    elements = compared.elements if isinstance(compared, cst.List) else [cst.Element(compared)]
    return cst.List([*elements, cst.Element(new)])
