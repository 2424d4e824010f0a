"""PY: Python that parses, and whose imports resolve."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from fastapi_expert.lint.api_table import CHANGES
from fastapi_expert.lint.blocks import examples, python_blocks
from fastapi_expert.lint.deliberate import is_shown_as_wrong
from fastapi_expert.lint.environment import LIBRARIES, is_settled, missing_names
from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.fragments import CodeFault, parse, read_fragment
from fastapi_expert.lint.newer_python import newer_python
from fastapi_expert.lint.origins import Names
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import SKILL, skill
from fastapi_expert.pack.documents import Document, Skill

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastapi_expert.lint.blocks import Example, Placed
    from fastapi_expert.pack.reading import Pack

_SCRIPT = "skills/greeting/scripts/greet.py"
_TO_SCRIPT = SKILL + "\nRun `scripts/greet.py`.\n"
_PROXIES = frozenset({"alembic.context"})  # modules whose names come while they are used


@rule(
    "PY001",
    "error",
    wrong=skill(SKILL + "\n```python\ndef greet(name: str -> str:\n    return name\n```\n"),
    right=skill(SKILL + "\n```python\ndef greet(name: str) -> str:\n    return name\n```\n"),
)
def block_does_not_parse(pack: Pack) -> Iterator[Fault]:
    """Every Python block parses.

    One in twenty of the blocks in published packs doesn't; models copy them as they are. Prompts, `...`, an await at
    the top, a notebook's magic commands, a signature without a body, `<placeholders>`, syntax of newer Pythons than the
    one that runs here and what is shown as wrong are understood.
    """
    found = [
        (document.source, block.fence, block.code)
        for document in pack.asked(Document)
        for block in python_blocks(document)
        if isinstance(block.code, CodeFault) and not is_shown_as_wrong(document, block.fence)
    ]
    newer = newer_python(fence.content for _, fence, fault in found if "nested" not in fault.message)
    for source, fence, fault in found:
        if fence.content not in newer:
            offset, help_ = fence.offset(fault.line, fault.column), "mend it, or name the language that it is"
            yield Fault(source, offset, f"this Python doesn't parse: {fault.message}", help_)


@rule(
    "PY002",
    "error",
    wrong=skill(SKILL + "\n```python\nfrom jinja2 import Enviroment\n```\n"),
    right=skill(SKILL + "\n```python\nfrom jinja2 import Environment\n```\n"),
)
def missing_import(pack: Pack) -> Iterator[Fault]:
    """What a block imports from a library exists there.

    Asked is the environment of `--python`, or the one that the validator runs in. A library that isn't installed, and a
    module of the reader's own, is never reported.
    """
    wanted = [(example, *wish) for example in examples(pack) for wish in _wanted(example)]
    missing = missing_names((module, name) for _, module, name, _ in wanted)
    for example, module, name, node in wanted:
        if (module, name) in missing:
            close = missing[module, name]
            message = f"{module} has no {name}" if name else f"there is no module {module}"
            help_ = f"did you mean {close}?" if close else f"look it up in the installed {module.partition('.')[0]}"
            yield example.fault(node, message, help_)


def _wanted(example: Example) -> Iterator[tuple[str, str | None, Placed]]:
    """The modules, and names in modules, that an example needs and that may be missing.

    Those that it can do without are left out.
    """
    seen = set[str]()
    imports = [node for node in example.fragment.imports if _is_of_library(node)]
    if _takes_from_modules(example, imports):
        nodes: Sequence[ast.AST] = example.names.each(ast.Import, ast.ImportFrom, ast.Attribute)
    elif all(_is_settled(node) for node in imports):
        return
    else:
        nodes = example.names.each(ast.Import, ast.ImportFrom)
    guarded = example.guarded
    for node in nodes:
        if node in guarded:
            continue
        match node:
            case ast.Import(names=aliases):
                found: list[tuple[str, str | None, Placed]] = [(alias.name, None, alias) for alias in aliases]
            case ast.ImportFrom(module=str() as module, names=aliases, level=0):
                found = [(module, None, node)]
                found += [(module, alias.name, alias) for alias in aliases if alias.name != "*"]
            case ast.Attribute(value=value, attr=name, ctx=ast.Load()) if path := example.names.path(value):
                found = [(path, name, node)] if path.replace(".", "").isidentifier() else []
            case _:
                continue
        for owner, part, place in found:
            if owner in _PROXIES or is_settled(owner, (part,)):
                continue
            known = f"{owner}.{part}" if part else owner
            if known not in seen and example.is_meant(place) and Names.same(known) not in CHANGES:
                seen.add(known)
                yield owner, part, place


def _is_of_library(node: ast.Import | ast.ImportFrom) -> bool:
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return any(module.partition(".")[0] in LIBRARIES for module in modules)


def _is_settled(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.Import):
        return all(is_settled(alias.name, (None,)) for alias in node.names)
    return is_settled(node.module or "", (None, *[alias.name for alias in node.names if alias.name != "*"]))


def _takes_from_modules(example: Example, imports: Iterable[ast.Import | ast.ImportFrom]) -> bool:
    """A name that an import binds, which may be a module, goes before a dot or gets another name."""
    text = f"{example.fragment.text}\n"
    bound = {alias.asname or alias.name.partition(".")[0] for node in imports for alias in node.names}
    return any(f"{name}." in text or f"= {name}\n" in text for name in bound)


@rule(
    "PY003",
    "error",
    wrong=skill(_TO_SCRIPT) | {_SCRIPT: "print('hello'\n"},
    right=skill(_TO_SCRIPT) | {_SCRIPT: "print('hello')\n"},
)
def script_does_not_parse(pack: Pack) -> Iterator[Fault]:
    """The Python files that a skill brings parse.

    The model runs them, reads the traceback, and spends its turns on someone else's fault.
    """
    found = []
    for skill_ in pack.asked(Skill):
        for path in skill_.files:
            # What a placeholder stands in is a template, not a program.
            if path.endswith(".py") and not path.startswith(("assets/", "templates/")):
                source = skill_.file(path)
                fault = parse(source.text) if source.readable else None
                if isinstance(fault, CodeFault) and not re.search(r"\{\{|\{%|<[A-Z_]+>", source.text):
                    found.append((source, fault))
    newer = newer_python(source.text for source, fault in found if "nested" not in fault.message)
    for source, fault in found:
        if source.text not in newer:
            offset = source.line_starts[min(fault.line, len(source.line_starts)) - 1]
            yield Fault(source, offset, f"this script doesn't parse: {fault.message}", "mend it")


def parse_error(code: str) -> tuple[int, int, str] | None:
    """The 1-based line and column of the first fault and its description, or None if the code or fragment parses."""
    return _told(read_fragment(code))


def module_error(code: str) -> tuple[int, int, str] | None:
    """The same for a whole module."""
    return _told(parse(code))


def _told(read: object) -> tuple[int, int, str] | None:
    return (read.line, read.column, read.message) if isinstance(read, CodeFault) else None
