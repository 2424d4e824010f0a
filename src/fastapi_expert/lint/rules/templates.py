"""TP: templates that can be read, render, and give files that parse."""

from __future__ import annotations

import json
import tomllib
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import yaml

from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.rules.code import module_error
from fastapi_expert.lint.samples import CODE, house
from fastapi_expert.pack.documents import Template
from fastapi_expert.pack.frontmatter import LOADER
from fastapi_expert.pack.source import read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.reading import Pack
    from fastapi_expert.pack.source import Source
    from fastapi_expert.render import template as rendering


@lru_cache(maxsize=64)
def read(template: Template) -> rendering.Template | rendering.TemplateError:
    """The template's options and files, or why they can't be read."""
    from fastapi_expert.render import template as rendering  # Jinja is the larger part of a short run

    try:
        return rendering.read_template(template.folder)
    except rendering.TemplateError as error:
        return error
    except (OSError, RecursionError, yaml.YAMLError) as error:
        return rendering.TemplateError(template.source.path, 1, f"can't be read: {error}")


@lru_cache(maxsize=64)
def render(template: Template) -> dict[str, str] | rendering.TemplateError:
    """What the template gives with its default options, by path, or why it gives nothing."""
    from fastapi_expert.render import template as rendering

    known = read(template)
    if isinstance(known, rendering.TemplateError):
        return known
    try:
        return known.render()
    except rendering.TemplateError as error:
        return error
    except (rendering.OptionError, RecursionError) as error:
        return rendering.TemplateError(template.source.path, 1, f"doesn't render with its default options: {error}")


def _file(template: Template, path: str) -> Source:
    return read_source(template.folder / path, asked=template.source.asked)


def _line(source: Source, line: int) -> int:
    return source.line_starts[min(max(line, 1), len(source.line_starts)) - 1]


@rule(
    "TP001",
    "error",
    wrong=house(code=CODE.replace("    # % endif\n", "")),
    right=house(),
)
def does_not_render(pack: Pack) -> Iterator[Fault]:
    """A template can be read and renders with its default options.

    A template that fails is found by the first person who needs it.
    """
    for template in pack.asked(Template):
        error = render(template)
        if not isinstance(error, dict) and not _is_undeclared(template, error):
            source = template.source
            if error.path != source.path:
                source = read_source(error.path, asked=source.asked)
            yield Fault(source, _line(source, error.line), error.message)


def _is_undeclared(template: Template, error: rendering.TemplateError) -> bool:
    return any((source.path, line) == (error.path, error.line) for source, _, line in _undeclared(template))


@rule(
    "TP002",
    "error",
    wrong=house(code=CODE.replace("if loud", "if lout")),
    right=house(),
)
def unknown_variable(pack: Pack) -> Iterator[Fault]:
    """A template uses only the options that its template.yaml declares.

    An unknown name fails when its branch is rendered, which may be with an option that nobody tried.
    """
    for template in pack.asked(Template):
        for source, name, line in _undeclared(template):
            start = _line(source, line)
            at = source.line(line).find(name)
            message = f"the template has no option {name!r}"
            yield Fault(source, start + max(at, 0), message, f"declare it in {template.source.path.name}")


@lru_cache(maxsize=64)
def _undeclared(template: Template) -> list[tuple[Source, str, int]]:
    """The unknown names of the files that Jinja can parse, with the 1-based line of each."""
    from fastapi_expert.render.template import TemplateError, undeclared

    known = read(template)
    if isinstance(known, TemplateError):
        return []
    found = []
    for path in known.sources:
        try:
            found += [(_file(template, path), name, line) for name, line in undeclared(known, path)]
        except TemplateError:
            continue  # the rule on rendering says so
    return found


@rule(
    "TP003",
    "error",
    wrong=house(code=CODE.replace("return greeting", "return greeting)")),
    right=house(),
)
def does_not_parse(pack: Pack) -> Iterator[Fault]:
    """A template's Python, TOML, JSON and YAML parses, as it lies and as it is rendered.

    Templates run as they lie: that is how their own tests, ruff and mypy can see them.
    """
    for template in pack.asked(Template):
        from fastapi_expert.render.template import JINJA_SUFFIX, TemplateError

        known, rendered = read(template), render(template)
        if isinstance(known, TemplateError):
            continue
        for path, text in known.sources.items():
            error = None if path.endswith(JINJA_SUFFIX) else _fault(path, text)
            if error is not None:
                source = _file(template, path)
                yield Fault(source, _line(source, error[0]), f"doesn't parse as it lies: {error[1]}")
            elif not isinstance(rendered, TemplateError):
                target = path.removesuffix(JINJA_SUFFIX)
                error = _fault(target, rendered[target]) if target in rendered else None
                if error is not None:
                    message = f"doesn't parse when it is rendered: {error[1]} in line {error[0]} of the result"
                    yield Fault(_file(template, path), 0, message)


def _fault(path: str, text: str) -> tuple[int, str] | None:
    """The 1-based line and the description of what keeps a file from being parsed as its suffix says."""
    try:
        match PurePosixPath(path).suffix:
            case ".py" | ".pyi":
                error = module_error(text)
                return (error[0], error[2]) if error else None
            case ".toml":
                tomllib.loads(text.replace("\r\n", "\n"))
            case ".json":
                json.loads(text)
            case ".yaml" | ".yml":
                for _ in yaml.parse(text, Loader=LOADER):
                    pass
    except json.JSONDecodeError as error:
        return error.lineno, error.msg
    except tomllib.TOMLDecodeError as error:
        return 1, str(error)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return mark.line + 1 if mark else 1, getattr(error, "problem", None) or str(error)
    except RecursionError:
        return 1, "it is nested too deeply"
    return None
