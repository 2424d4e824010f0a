"""TP: templates that can be read, render, and give files that parse."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import yaml

from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.house import house_packs
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.rules.code import module_error
from fastapi_expert.lint.samples import CODE, HOUSE_AGENT, SKILL, TEMPLATE, house, skill
from fastapi_expert.pack.documents import Document, Skill, Template
from fastapi_expert.pack.frontmatter import LOADER
from fastapi_expert.pack.source import read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.reading import Pack
    from fastapi_expert.pack.source import Source
    from fastapi_expert.render import template as rendering


_LETTER = "skills/greeting/templates/letter.j2"
_TO_LETTER = SKILL + "\nWrite letters from `templates/letter.j2`.\n"
_UNNAMED_AGENT = HOUSE_AGENT.partition("\n<example>")[0]
_BRANCH = CODE.replace(
    "    # % if loud\n    greeting = greeting.upper()\n    # % endif\n",
    "    if name:\n        # % if loud\n        greeting = greeting.upper()\n        # % endif\n",
)
_EXTENSIONS = ("jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n")


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


@rule(
    "TP004",
    "error",
    wrong=skill(_TO_LETTER) | {_LETTER: "Dear {{ name }},\n{% if late %}\nsorry\n"},
    right=skill(_TO_LETTER) | {_LETTER: "Dear {{ name }},\n{% if late %}\nsorry\n{% endif %}\n"},
)
def skill_template(pack: Pack) -> Iterator[Fault]:
    """A Jinja template that a skill brings parses.

    It fails when it is first needed, in the middle of someone's task.
    """
    for skill_ in pack.asked(Skill):
        for path in skill_.files:
            if path.endswith((".j2", ".jinja", ".jinja2")):
                import jinja2

                source = skill_.file(path)
                try:
                    jinja2.Environment(extensions=_EXTENSIONS).parse(source.text)  # noqa: S701  # nosec B701 - nothing is rendered
                except jinja2.TemplateSyntaxError as error:
                    message = f"Jinja can't parse this: {error.message}"
                    yield Fault(source, _line(source, error.lineno), message, "close what is open")
                except RecursionError:
                    yield Fault(source, 0, "Jinja can't parse this: it is nested too deeply")


_QUIET = """    quiet:
      type: boolean
      default: false
      description: greet without a sound
"""


@rule(
    "TP005",
    "warning",
    wrong=house(template=TEMPLATE + _QUIET),
    right=house(),
)
def idle_option(pack: Pack) -> Iterator[Fault]:
    """Every option of a template does something: a file uses it, or comes by it.

    Whoever sets it expects an effect, and gets none.
    """
    for template in pack.asked(Template):
        from jinja2 import TemplateSyntaxError

        known = read(template)
        if isinstance(known, Exception) or _undeclared(template):
            continue  # the option may be one of those names, misspelt
        try:
            used = set[str]().union(*(_used(known, path) for path in known.sources))
        except TemplateSyntaxError:
            continue  # the rule on rendering says so
        used |= {option for options in known.conditional.values() for option in options}
        for option in known.options.get("properties", {}):
            if option not in used:
                at = re.search(rf"^[ \t]*{re.escape(option)}[ \t]*:", template.source.text, re.MULTILINE)
                message = f"the option {option!r} changes nothing"
                yield Fault(template.source, at.start() if at else 0, message, "use it in a file, or delete it")


def _used(known: rendering.Template, path: str) -> set[str]:
    """The variables that a file uses.

    Raises:
        TemplateSyntaxError: a file that Jinja can't parse.
    """
    from jinja2 import meta

    from fastapi_expert.render.template import environment_for, jinja_source

    return meta.find_undeclared_variables(environment_for(path).parse(jinja_source(path, known.sources[path])))


@rule(
    "TP006",
    "error",
    wrong=house(code=_BRANCH),
    right=house(code=_BRANCH.replace("if name:\n", "if name:\n        greeting += '!'\n")),
)
def option_breaks(pack: Pack) -> Iterator[Fault]:
    """A template gives files that parse also with each yes-or-no option the other way.

    With its default a branch may never be seen; who needs the other one gets a file that nothing can read.
    """
    for template in pack.asked(Template):
        from fastapi_expert.render.template import JINJA_SUFFIX, OptionError, TemplateError

        known, rendered = read(template), render(template)
        if isinstance(known, TemplateError) or isinstance(rendered, TemplateError) or _undeclared(template):
            continue
        told = set[str]()
        for option, schema in known.options.get("properties", {}).items():
            if not isinstance(schema.get("default"), bool):
                continue
            try:
                other = known.render({option: not schema["default"]})
            except (OptionError, RecursionError):
                continue  # the options may need each other
            except TemplateError as refused:
                message = f"with {option} the other way: {refused.message}"
                yield Fault(template.source, _line(template.source, 1), message)
                continue
            for path, text in other.items():
                error = None if path in told or rendered.get(path) == text else _fault(path, text)
                if error is not None:
                    told.add(path)
                    source = _file(template, path if path in known.sources else path + JINJA_SUFFIX)
                    message = f"doesn't parse with {option} the other way: {error[1]} in line {error[0]} of the result"
                    if _fault(path, source.text) is None:  # else the rule on parsing says so
                        yield Fault(source, 0, message)


@rule(
    "TP007",
    "warning",
    wrong=house(agent=_UNNAMED_AGENT, skill=SKILL),
    right=house(),
)
def unnamed_template(pack: Pack) -> Iterator[Fault]:
    """Every template is named by an agent or a skill of its pack.

    A template that no text names is found by nobody, least of all by the model that should use it.
    """
    for part in house_packs(pack):
        # In the whole run: a skill may carry the template as one of its assets, where it is a pack of its own.
        text = "\n".join(document.source.text for document in pack.all(Document))
        for template in part.asked(Template):
            name = re.escape(template.folder.name)
            if not re.search(
                rf"templates/{name}\b|`{name}[`/]|example:\s+{name}\s|fastapi-expert new[^\n]*\b{name}\b", text
            ):
                message = f"no agent and no skill names the template {template.folder.name!r}"
                yield Fault(template.source, 0, message, f"name it: `{template.folder.name}/PATH`")


def _fault(path: str, text: str) -> tuple[int, str] | None:
    """The 1-based line and the description of what keeps a file from being parsed as its suffix says."""
    import tomllib  # a pack without templates does without

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
