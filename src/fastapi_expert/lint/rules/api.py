"""AP: interfaces that are gone, ignored or on their way out."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from fastapi_expert.lint.api_table import CHANGES
from fastapi_expert.lint.blocks import examples
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import SKILL, skill
from fastapi_expert.lint.usages import Usages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.lint.api_table import Change, Kind
    from fastapi_expert.lint.blocks import Example, Placed
    from fastapi_expert.lint.finding import Fault
    from fastapi_expert.lint.origins import Names
    from fastapi_expert.pack.reading import Pack

_WITHOUT = re.compile(r"(?P<call>.*)\(!(?P<keyword>\w+)\)")
# The keywords that a call should have, and how many positional arguments it takes to give them.
_NEEDED = {match["call"]: match["keyword"] for match in map(_WITHOUT.fullmatch, CHANGES) if match}
_POSITION = {"jwt.decode": 3}
_CALLED = frozenset(usage.rpartition("(")[0] for usage in CHANGES if usage.endswith(")"))

_OLD = Usages(CHANGES)
_USING = (ast.Import, ast.ImportFrom, ast.Attribute, ast.Call, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def _sample(code: str) -> dict[str, str]:
    return skill(f"{SKILL}\n```python\n{code}\n```\n")


@rule(
    "AP001",
    "error",
    wrong=_sample("from pydantic import BaseSettings"),
    right=_sample("from pydantic_settings import BaseSettings"),
)
def gone(pack: Pack) -> Iterator[Fault]:
    """A block uses no interface that was removed.

    Models copy the block, and the code that they write fails where it is imported or first called.
    """
    yield from _faults(pack, "gone")


@rule(
    "AP002",
    "error",
    wrong=_sample('from pydantic import Field\n\nport: int = Field(8000, env="PORT")'),
    right=_sample('from pydantic import Field\n\nport: int = Field(8000, validation_alias="PORT")'),
)
def ignored(pack: Pack) -> Iterator[Fault]:
    """A block sets nothing that is ignored today.

    The code runs, and does without a word something else than what it says.
    """
    yield from _faults(pack, "ignored")


@rule(
    "AP003",
    "warning",
    wrong=_sample("from pydantic import validator"),
    right=_sample("from pydantic import field_validator"),
)
def deprecated(pack: Pack) -> Iterator[Fault]:
    """A block uses no interface that is deprecated or abandoned.

    A service that turns warnings into errors fails on it today, the others with a coming release.
    """
    yield from _faults(pack, "deprecated")


def _faults(pack: Pack, kind: Kind) -> Iterator[Fault]:
    for example in examples(pack):
        for change, node in changes(example):
            if change.kind == kind:
                name = change.usage.replace("(!", "() without (").replace("('')", "(text)").replace(":", ".")
                message = f"since {change.since}, `{name}` {change.today}"
                yield example.fault(node, message, f"use {change.instead}")


_KNOWN: WeakKeyDictionary[Example, list[tuple[Change, Placed]]] = WeakKeyDictionary()


def changes(example: Example) -> list[tuple[Change, Placed]]:
    """What an example does that is no longer the way, each where it does so first; read on the first call."""
    if example not in _KNOWN:
        _KNOWN[example] = list(_changes(example)) if _OLD.may_be_in(example.fragment) else []
    return _KNOWN[example]


def _changes(example: Example) -> Iterator[tuple[Change, Placed]]:
    seen = set()
    for node in example.names.each(*_USING):
        if node in example.guarded:
            continue
        for usage, place in _usages(example.names, node):
            change = CHANGES.get(usage)
            if change is not None and usage not in seen and example.is_meant(place):
                seen.add(usage)
                yield change, place


def _usages(names: Names, node: ast.AST) -> Iterator[tuple[str, Placed]]:
    """What a node does, in the notation of `Change.usage`."""
    match node:
        case ast.Import(names=aliases):
            for alias in aliases:
                yield from ((module, alias) for module in _modules(alias.name))
        case ast.ImportFrom(module=str() as module, names=aliases, level=0):
            yield from ((found, node) for found in _modules(module))
            yield from ((names.same(f"{module}.{alias.name}"), alias) for alias in aliases)
        case ast.Attribute(ctx=ast.Load()):
            yield names.path(node), node
        case ast.Call():
            yield from _call_usages(names, node)
        case ast.ClassDef():
            yield from _member_usages(names, node)
        case ast.FunctionDef(decorator_list=decorators) | ast.AsyncFunctionDef(decorator_list=decorators):
            for decorator in decorators:
                yield f"{names.path(decorator).removesuffix('()')}:{node.name}", node


def _modules(dotted: str) -> Iterator[str]:
    """A module and the packages that it lies in: `jose.jwt` gives `jose` and `jose.jwt`."""
    parts = dotted.split(".")[:10]
    yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _call_usages(names: Names, call: ast.Call) -> Iterator[tuple[str, Placed]]:
    called = names.origin(call.func)
    if called is None or called.own is not None or called.path not in _CALLED:
        return
    path = called.path
    for keyword in call.keywords:
        if keyword.arg:
            yield f"{path}({keyword.arg}=)", keyword
    if call.args:
        match names.value(call.args[0]):
            case ast.Constant(value=str()) | ast.JoinedStr():
                yield f"{path}('')", call
            case ast.Constant(value=None):
                yield f"{path}(None)", call
            case ast.List():
                yield f"{path}([])", call
    needed = _NEEDED.get(path)
    # `*` and `**` may bring anything, and whoever gives options may check nothing on purpose.
    given = {keyword.arg for keyword in call.keywords} | {"*" for arg in call.args if isinstance(arg, ast.Starred)}
    if needed and len(call.args) < _POSITION[path] and not given & {needed, "options", "*", None}:
        yield f"{path}(!{needed})", call


def _member_usages(names: Names, node: ast.ClassDef) -> Iterator[tuple[str, Placed]]:
    base = names.path(node)
    for member in node.body:
        if isinstance(member, ast.ClassDef):
            yield f"{base}:{member.name}", member
            for inner in member.body:
                if isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name):
                    yield f"{base}:{member.name}:{inner.targets[0].id}", inner
