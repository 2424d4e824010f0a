"""The patterns of a template that stand alone: which files each takes along, in the layout of another project.

A pattern names its entry modules and its tests in `template.yaml`; what they import of the template comes along. The
patterns that a project has are rendered together, so that a file that two of them share says what both need.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from fastapi_expert.pack.schema import fault_in
from fastapi_expert.render.template import DESCRIPTION_FILE, Template, TemplateError
from fastapi_expert.render.tidy import LAYOUT, UNUSED_EXCEPTIONS, UNUSED_IMPORTS, TidyError, tidy

_TEXTS = {"type": "array", "items": {"type": "string"}}
_WIRING = {
    "type": "object",
    "additionalProperties": False,
    "required": ["module", "name", "code"],
    "properties": {
        "module": {"type": "string", "description": "where the name is imported from"},
        "name": {"type": "string", "description": "a module that imports it has the code"},
        "alias": {"type": "string", "description": "what it is called there, where its name is a common one"},
        "code": {"type": "string", "description": "a statement on `app`"},
        "argument": {"type": "string", "description": "of `FastAPI(…)`, as `name=value`"},
        "last": {"type": "boolean", "description": "after all else that is done to `app`"},
    },
}
_MIGRATION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "description": "the template's migration"},
        "model": {"type": "string", "description": "a model from the module of the tables that it makes"},
    },
}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": False,
        "required": ["summary", "modules", "tests"],
        "properties": {
            "summary": {"type": "string", "description": "what it gives, in a line"},
            "modules": _TEXTS | {"description": "the files that it is for; what they import comes along"},
            "tests": _TEXTS,
            "options": _TEXTS | {"description": "the options that are on for it; all others are off"},
            "option": {"type": "string", "description": "that brings it in a service of the template"},
            "part_of": {"type": "string", "description": "the pattern that has all of this, and more"},
            "needs": _TEXTS | {"description": "the patterns that come with it"},
            "requirements": _TEXTS | {"description": "distributions, by the names in pyproject.toml"},
            "test_requirements": _TEXTS,
            "wiring": {"type": "array", "items": _WIRING},
            "migration": _MIGRATION,
            "by_hand": {"type": "string", "description": "what is left to be written by somebody who knows"},
        },
    },
}
KIND = "patterns"  # the template in the manifest of a project that has some, where another says `service`
PROJECT_RULES = ("lint.select", "lint.extend-select", "lint.ignore")
_IMPORT = re.compile(r"^(\s*(?:from|import) )(app|tests)\b(\.?)", re.MULTILINE)
_MENTION = re.compile(r"(?<=`)app/(?=[a-z])")


@dataclass(frozen=True)
class Wiring:
    """A statement that makes an application use a pattern.

    Attributes:
        module: where `name` is imported from, as the template calls it.
        name: what is imported; an application whose module imports it is wired already.
        code: the statement, on `app`.
        alias: what it is called where it is imported; empty for its own name.
        argument: what the application is made with besides, as `name=value`; empty for nothing.
        last: whether the statement goes after all else that is done to the application.
    """

    module: str
    name: str
    code: str
    alias: str = ""
    argument: str = ""
    last: bool = False


@dataclass(frozen=True)
class Migration:
    """What makes the tables of a pattern.

    Attributes:
        file: the template's migration.
        model: one from the module that holds the tables, dotted; empty for tables without models.
    """

    file: str
    model: str = ""


@dataclass(frozen=True)
class Pattern:
    """One pattern; its attributes are those of `SCHEMA`."""

    name: str
    summary: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    options: tuple[str, ...] = ()
    option: str = ""
    part_of: str = ""
    needs: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    test_requirements: tuple[str, ...] = ()
    wiring: tuple[Wiring, ...] = ()
    migration: Migration | None = None
    by_hand: str = ""


@dataclass(frozen=True)
class Home:
    """Where the files of patterns go in a project.

    Attributes:
        source: the folder, relative to the project's root, that imports start from.
        package: the dotted package that takes the place of `app`; empty for modules that lie beside each other.
        tests: the folder that takes the place of `tests/core`.
    """

    source: PurePosixPath
    package: str
    tests: PurePosixPath

    @property
    def folder(self) -> PurePosixPath:
        """The folder of the package."""
        return self.source.joinpath(*self.package.split(".")) if self.package else self.source

    def path(self, path: str) -> str:
        """Where a file of the template goes."""
        top, _, rest = path.partition("/")
        return str(self.folder / rest if top == "app" else self.tests / rest.removeprefix("core/"))

    def module(self, name: str) -> str:
        """What a module `app.…` of the template is called."""
        return f"{self.package}.{name.removeprefix('app.')}".removeprefix(".")

    def text(self, text: str, path: str = "") -> str:
        """Write imports as they are from here, in a text that is the template's file `path`, or no file."""
        up = "." * path.removeprefix("tests/").removeprefix("core/").count("/")

        def imported(match: re.Match[str]) -> str:
            if match[2] == "tests":
                return f"{match[1]}.{up}"
            return f"{match[1]}{self.package}{match[3]}" if self.package else match[1]

        text = _IMPORT.sub(imported, text.replace("from tests.core.", "from tests."))
        return _MENTION.sub(f"{self.folder}/", text)


def patterns_of(template: Template) -> dict[str, Pattern]:
    """Read the patterns that a template describes, by name.

    Raises:
        TemplateError: the description is wrong.
    """
    fault = fault_in(template.patterns, SCHEMA)
    if fault is not None:
        place, message = fault
        raise TemplateError(template.directory / DESCRIPTION_FILE, 1, f"patterns.{place}: {message}")
    return {name: _read(name, described) for name, described in template.patterns.items()}


def _read(name: str, described: Mapping[str, Any]) -> Pattern:
    values: dict[str, Any] = {key: tuple(each) if isinstance(each, list) else each for key, each in described.items()}
    values["wiring"] = tuple(Wiring(**statement) for statement in described.get("wiring", ()))
    values["migration"] = Migration(**described["migration"]) if "migration" in described else None
    return Pattern(name, **values)


def with_needs(patterns: Mapping[str, Pattern], names: Iterable[str]) -> list[Pattern]:
    """Give the patterns with those that they need, each after what it needs; what another has in it is left out."""
    found: dict[str, Pattern] = {}

    def take(name: str) -> None:
        pattern = patterns[name]
        for needed in pattern.needs:
            take(needed)
        found.setdefault(name, pattern)

    for name in names:
        take(name)
    return [pattern for pattern in found.values() if pattern.part_of not in found]


def render_patterns(template: Template, patterns: Sequence[Pattern]) -> dict[str, str]:
    """Render what of the template these patterns may take, each as all of them want it.

    Raises:
        OptionError, TemplateError, TidyError: as when rendering.
    """
    switched_on = {option for pattern in patterns for option in pattern.options}
    properties = template.options["properties"]
    values = {name: name in switched_on for name, schema in properties.items() if schema["type"] == "boolean"}
    whole = template.render(values)
    # An import that an option left unused still brings its file here: more than they take in the end.
    likely = closure(whole, [*_entries(patterns), *(each.migration.file for each in patterns if each.migration)])
    return tidy({path: whole[path] for path in (*likely, "pyproject.toml")}, beside=whole)


def files_of(rendered: Mapping[str, str], patterns: Sequence[Pattern], home: Home) -> dict[str, str]:
    """Give the files of patterns, with all that they import of the template, as they are called in a project.

    Args:
        rendered: what `render_patterns` gave.
        patterns: those that the project is to have, with what they need.
        home: where they go.
    """
    return {home.path(path): home.text(rendered[path], path) for path in closure(rendered, _entries(patterns))}


def _entries(patterns: Iterable[Pattern]) -> list[str]:
    return [path for pattern in patterns for path in (*pattern.modules, *pattern.tests)]


def laid_out(texts: Mapping[str, str], ruff: Mapping[str, object]) -> dict[str, str]:
    """Lay files out by a project's settings of ruff.

    Raises:
        TidyError: one of them is no Python.
    """
    try:
        tidied = tidy({**texts, "ruff.toml": _toml(ruff)}, (UNUSED_IMPORTS, UNUSED_EXCEPTIONS, LAYOUT))
    except TidyError:  # a rule of the project's that our ruff doesn't know
        layout = {name: value for name, value in ruff.items() if not name.startswith(PROJECT_RULES)}
        tidied = tidy({**texts, "ruff.toml": _toml(layout)})
    return {path: tidied[path] for path in texts}


def _toml(settings: Mapping[str, object]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())


def closure(files: Mapping[str, str], entries: Iterable[str]) -> list[str]:
    """Name the files that the entries import of each other, with the entries and their packages, in order.

    Args:
        files: relative POSIX path to text.
        entries: paths among them.
    """
    found: set[str] = set()
    waiting = list(entries)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += [other for name in _imported(files[path]) if (other := _file_of(name, files))]
    # The template's own `app` and `tests` are the project's packages, which are there already.
    packages = {str(parent / "__init__.py") for path in found for parent in PurePosixPath(path).parents}
    return sorted(found | ((packages & files.keys()) - {"app/__init__.py", "tests/__init__.py"}))


def _imported(text: str) -> Iterable[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file_of(module: str, files: Mapping[str, str]) -> str | None:
    path = f"{module.replace('.', '/')}.py"
    return path if path in files else None


def untyped_modules(template: Template, texts: Mapping[str, str]) -> list[str]:
    """Name what files import of libraries without types, as mypy's `module = […]` takes it."""
    overrides = tomllib.loads(template.sources["pyproject.toml"])["tool"]["mypy"]["overrides"]
    untyped = {module for override in overrides for module in override["module"]}
    imported = {f"{name.partition('.')[0]}.*" for text in texts.values() for name in _imported(text)}
    return sorted(untyped & imported)


def requirements_of(template: Template, patterns: Sequence[Pattern]) -> tuple[list[str], list[str]]:
    """Give what patterns need from PyPI, with the bounds that the template has tried: to run, and for their tests."""
    project = tomllib.loads(template.sources["pyproject.toml"])  # as it lies, with what every option needs
    bounds = {
        re.split(r"[\[<>=]", requirement)[0]: requirement
        for group in (project["project"]["dependencies"], project["dependency-groups"]["dev"])
        for requirement in group
    }
    names = {name for pattern in patterns for name in pattern.requirements} | {"fastapi"}
    tests = {name for pattern in patterns for name in pattern.test_requirements} | {"httpx2", "pytest"}
    return [bounds[name] for name in sorted(names)], [bounds[name] for name in sorted(tests - names)]
