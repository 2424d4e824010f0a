"""EX: examples in place. The code that a skill shows is the code of the template."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import TYPE_CHECKING

from fastapi_expert.lint.finding import Edit, Fault, Fix
from fastapi_expert.lint.house import house_packs
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.rules.code import module_error
from fastapi_expert.lint.rules.templates import render
from fastapi_expert.lint.samples import CASE, HOUSE_AGENT, SKILL, house
from fastapi_expert.pack.documents import Agent, Document, Template
from fastapi_expert.pack.excerpt import FORM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fastapi_expert.pack.excerpt import Excerpt
    from fastapi_expert.pack.markdown import Fence
    from fastapi_expert.pack.reading import Pack
    from fastapi_expert.pack.source import Source

_EXAMPLE = """
<!-- example: service app/main.py::greet -->
```python
def greet(name: str) -> str:
    greeting = f"{GREETING}, {name}"
    greeting = greeting.upper()
    return greeting
```
"""


class ExcerptError(ValueError):
    """A comment that names nothing a template gives."""


class UnrenderedError(ExcerptError):
    """The template that a comment names gives nothing at all."""


@rule(
    "EX001",
    "error",
    wrong=house(skill=SKILL + _EXAMPLE.replace("upper", "title")),
    right=house(skill=SKILL + _EXAMPLE),
)
def drifted(pack: Pack) -> Iterator[Fault]:
    """An example is the template's code, character for character.

    The template's own tests run its code; a copy that has drifted is run by nobody.
    """
    for document, excerpt, templates in _excerpts(pack):
        if excerpt.fence is None or not excerpt.template:
            continue
        try:
            code = excerpt_code(excerpt, templates)
        except ExcerptError:
            continue
        shown = excerpt.fence.content
        if shown.rstrip("\n") != code:
            line = next(
                (
                    n
                    for n, (is_, was) in enumerate(zip(shown.split("\n"), code.split("\n"), strict=False))
                    if is_ != was
                ),
                min(shown.count("\n"), code.count("\n")),
            )
            offset = excerpt.fence.offset(line + 1, 1)
            message = f"this differs from {excerpt.file} of the template {excerpt.template!r}"
            yield Fault(
                document.source,
                offset,
                message,
                "take the template's code",
                _rewrite(document.source, excerpt.fence, code),
            )


def _rewrite(source: Source, fence: Fence, code: str) -> Fix | None:
    if not fence.closed or any(line.lstrip().startswith(fence.marker) for line in code.split("\n")):
        return None
    lines = (fence.prefix + line if line else fence.prefix.rstrip() for line in code.split("\n"))
    text = "".join(line + source.line_end for line in lines)
    return Fix((Edit(fence.content_start, fence.content_end, text),))


@rule(
    "EX002",
    "error",
    wrong=house(skill=SKILL + _EXAMPLE.replace("::greet", "::great")),
    right=house(skill=SKILL + _EXAMPLE),
)
def unknown_source(pack: Pack) -> Iterator[Fault]:
    """The comment of an example names a template, a file that it gives, and symbols of that file.

    A comment that leads nowhere lets its example drift unseen.
    """
    told: set[str] = set()
    for document, excerpt, templates in _excerpts(pack):
        try:
            excerpt_code(excerpt, templates)
        except UnrenderedError as error:
            if str(error) not in told:  # once is enough
                yield Fault(document.source, excerpt.comment.start, str(error), "mend the template first")
            told.add(str(error))
        except ExcerptError as error:
            yield Fault(document.source, excerpt.comment.start, str(error), f"the form is `{FORM}`")


@rule(
    "EX003",
    "error",
    wrong=house(skill=SKILL + _EXAMPLE.replace("-->\n", "-->\n\n")),
    right=house(skill=SKILL + _EXAMPLE),
)
def no_block(pack: Pack) -> Iterator[Fault]:
    """The line below an example's comment opens its block.

    Otherwise nothing is compared, and a reader takes the example for checked.
    """
    for document, excerpt, _ in _excerpts(pack):
        if excerpt.fence is None:
            message = "no fenced block starts in the line below this comment"
            yield Fault(document.source, excerpt.comment.start, message, "put the block there, or delete the comment")


@rule(
    "EX004",
    "error",
    wrong=house() | CASE,
    right=house(agent=HOUSE_AGENT.replace("main.py`.", "main.py`, case `arrival`.")) | CASE,
)
def unplayed(pack: Pack) -> Iterator[Fault]:
    """Where a house pack has evals, each example of an agent names the case that plays it, with a proven grader.

    An example that no case plays is a promise that nobody has seen kept.
    """
    for part in house_packs(pack):
        cases = part.roots[0] / "evals" / "cases"
        for agent in part.asked(Agent) if cases.is_dir() else ():  # an installed pack comes without
            for number, conversation in enumerate(agent.conversations[0], 1):
                if message := _case_fault(cases, re.findall(r"`(\w+)`", conversation.text), f"E{number}"):
                    help_ = "name it in backticks: case `NAME`, a folder of evals/cases with its good and bad solution"
                    yield Fault(agent.source, conversation.start, message, help_)


def _case_fault(cases: Path, names: list[str], example: str) -> str | None:
    from fastapi_expert.evals.cases import CaseError, read_case  # a pack without evals doesn't need it

    named = [name for name in names if (cases / name).is_dir()]
    if not named:
        return "the example names no case that exists"
    try:
        plays = read_case(cases / named[0]).example
    except CaseError as error:
        return f"the case {named[0]!r} is not in order: {error}"
    return None if plays == example else f"the case {named[0]!r} plays {plays}, and this is {example}"


def _excerpts(pack: Pack) -> Iterator[tuple[Document, Excerpt, Mapping[str, Template]]]:
    for part in house_packs(pack):
        templates = {template.folder.name: template for template in part.all(Template)}
        for document in part.asked(Document):
            for excerpt in document.excerpts:
                yield document, excerpt, templates


def excerpt_code(excerpt: Excerpt, templates: Mapping[str, Template]) -> str:
    """The code that an excerpt names, as rendered with the default options, without a line end at its end.

    Raises:
        ExcerptError: the comment is malformed, or names what doesn't exist or can't be rendered.
    """
    if not excerpt.template:
        raise ExcerptError("this comment names no template and file")
    if excerpt.template not in templates:
        raise ExcerptError(f"there is no template {excerpt.template!r}")
    rendered = render(templates[excerpt.template])
    if not isinstance(rendered, dict):
        file = rendered.path.relative_to(templates[excerpt.template].root).as_posix()
        raise UnrenderedError(f"nothing can be compared with {file}:{rendered.line}: {rendered.message}")
    text = rendered.get(excerpt.file)
    if text is None:
        raise ExcerptError(f"the template {excerpt.template!r} gives no file {excerpt.file!r}")
    text = text.replace("\r\n", "\n")
    if not excerpt.symbols:
        return text.rstrip("\n")
    if module_error(text) is not None:
        raise ExcerptError(f"{excerpt.file} is not Python that parses")
    tree = ast.parse(text)
    return "\n\n\n".join(_symbol(symbol, tree, text, excerpt.file) for symbol in excerpt.symbols)


def _symbol(symbol: str, tree: ast.Module, text: str, file: str) -> str:
    body = tree.body
    for name in symbol.split("."):
        found = [statement for statement in body if name in _names(statement)]
        if not found:
            raise ExcerptError(f"{file} has no {symbol!r}")
        node = found[-1]
        body = node.body if isinstance(node, ast.ClassDef) else []
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    lines = text.split("\n")[first - 1 : node.end_lineno]
    return textwrap.dedent("\n".join(lines))


def _names(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()
