"""What a project says about its own linting: `[tool.fastapi-expert.lint]` in pyproject.toml, or `.fastapi-expert.toml`.

The nearest of the two is taken, from the working directory upwards; `.fastapi-expert.toml` goes before a pyproject.toml
beside it. What the command line says goes before both.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi_expert.lint.finding import Finding

FILE = ".fastapi-expert.toml"
SCHEMA = Path(__file__).with_name("schemas") / "configuration.schema.json"


class ConfigurationError(ValueError):
    """A configuration that can't be used, with the file and what is wrong with it."""


@dataclass(frozen=True)
class Configuration:
    """What the command line would otherwise say.

    Attributes:
        folder: the folder that relative paths and patterns start in.
        file: where it stands, None where there is none.
        select: rule ids or prefixes; only these.
        ignore: rule ids or prefixes; all but these.
        per_file_ignores: patterns of paths to the rule ids or prefixes that don't hold there.
        exclude: patterns of paths in which nothing is reported.
        target: the clients that the files are for.
        python: the interpreter that imports are judged by.
        baseline: the file with the findings that are known.
    """

    folder: Path
    file: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    python: str | None = None
    baseline: Path | None = None

    def prefixes(self) -> Iterable[str]:
        """Every rule id or prefix that it names."""
        yield from (*self.select, *self.ignore)
        for prefixes in self.per_file_ignores.values():
            yield from prefixes

    def wants(self, finding: Finding) -> bool:
        """The finding is neither excluded nor ignored for its file."""
        if not finding.path.is_relative_to(self.folder):
            return True
        path = finding.path.relative_to(self.folder).as_posix()
        if any(_matches(path, pattern) for pattern in self.exclude):
            return False
        return not any(
            finding.rule.startswith(prefixes) and _matches(path, pattern)
            for pattern, prefixes in self.per_file_ignores.items()
        )


def _matches(path: str, pattern: str) -> bool:
    """`*` goes over slashes; a folder's name stands for all that lies in it."""
    pattern = pattern.removesuffix("/").removeprefix("./")
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}/*")


def read_configuration(file: Path | None = None, start: Path | None = None) -> Configuration:
    """The configuration of a file, or of the nearest one; empty where there is none.

    Args:
        file: the file to take.
        start: the folder to search from, the working directory without it.

    Raises:
        ConfigurationError: a file that says what can't be.
        OSError: the named file can't be read.
    """
    if file is not None:
        return _configuration(file.absolute(), _read(file))
    start = (start or Path.cwd()).absolute()
    for folder in (start, *start.parents):
        own, project = folder / FILE, folder / "pyproject.toml"
        if own.is_file():
            return _configuration(own, _read(own))
        if project.is_file():
            tool = _read(project).get("tool")
            if isinstance(tool, dict) and "fastapi-expert" in tool:
                return _configuration(project, tool["fastapi-expert"])
    return Configuration(start)


def _read(file: Path) -> dict[str, Any]:
    import tomllib  # only a run with a configuration needs it

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{file}: not valid TOML: {error}") from error


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of the configuration."""
    return dict(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _configuration(file: Path, table: Any) -> Configuration:  # noqa: ANN401 - TOML holds anything
    from jsonschema_rs import Draft202012Validator  # only a run with a configuration needs it

    if file.name == "pyproject.toml" and isinstance(table, dict) and "tool" in table:
        table = table["tool"].get("fastapi-expert", {}) if isinstance(table["tool"], dict) else {}
    for error in Draft202012Validator(schema()).iter_errors(table):
        place = ".".join(str(step) for step in error.instance_path)
        raise ConfigurationError(f"{file}: {place + ': ' if place else ''}{error.message}")
    lint = table.get("lint", {})
    python, baseline = lint.get("python"), lint.get("baseline")
    return Configuration(
        folder=file.parent,
        file=file,
        select=_prefixes(lint.get("select", ())),
        ignore=_prefixes(lint.get("ignore", ())),
        per_file_ignores={pattern: _prefixes(rules) for pattern, rules in lint.get("per-file-ignores", {}).items()},
        exclude=tuple(lint.get("exclude", ())),
        target=tuple(lint.get("target", ())),
        python=str(file.parent / python) if python and re.search(r"[/\\]", python) else python,
        baseline=file.parent / baseline if baseline else None,
    )


def _prefixes(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value.upper() for value in values)
