"""Where the names of a piece of code come from, read off its syntax tree; nothing is imported or run.

An origin is a dotted path that starts with an import: `from fastapi import FastAPI as F` makes `F` the origin
`fastapi.FastAPI`, and `app = F()` makes `app` the origin `fastapi.FastAPI()`, an instance. A name that may be several
things, or whose source isn't shown, has none.
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field
from functools import cache, cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

NodeT = TypeVar("NodeT", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSION = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
# Most nodes bind nothing and open no scope, and to ask a set for their type is quick.
_BINDING = frozenset(
    {
        *(ast.Import, ast.ImportFrom, ast.Assign, ast.NamedExpr, ast.AnnAssign, ast.withitem, ast.arg, ast.ClassDef),
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping),
    }
)
_OPENING = frozenset(
    {
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
        *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    }
)
_PLACED = frozenset({ast.Call, ast.Assign, ast.AnnAssign})  # besides names, nodes whose scope is asked for
_STEPS = (ast.Attribute, ast.Call)
# What is no node, or none that anything is asked about.
_SIGNS = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
_SILENT = {type(None), str, int, ast.Constant, *(sign for signs in _SIGNS for sign in signs.__subclasses__())}
_WORDS = frozenset({"arg", "attr", "conversion", "ctx", "id", "kind", "level", "module", "names", "op", "ops"})
_DEPTH = 40  # names that lead to names: more than anyone writes, less than Python's stack

# The same thing by another name.
SAME = {
    "fastapi.applications.FastAPI": "fastapi.FastAPI",
    "fastapi.exceptions.HTTPException": "fastapi.HTTPException",
    "fastapi.routing.APIRouter": "fastapi.APIRouter",
    "fastapi.middleware.Middleware": "starlette.middleware.Middleware",
    "fastapi.middleware.cors.CORSMiddleware": "starlette.middleware.cors.CORSMiddleware",
    "fastapi.responses.FileResponse": "starlette.responses.FileResponse",
    "fastapi.responses.HTMLResponse": "starlette.responses.HTMLResponse",
    "fastapi.responses.JSONResponse": "starlette.responses.JSONResponse",
    "fastapi.responses.PlainTextResponse": "starlette.responses.PlainTextResponse",
    "fastapi.responses.Response": "starlette.responses.Response",
    "fastapi.Response": "starlette.responses.Response",
    "fastapi.status": "starlette.status",
    "fastapi.templating.Jinja2Templates": "starlette.templating.Jinja2Templates",
    "fastapi.testclient.TestClient": "starlette.testclient.TestClient",
    "jwt.api_jwt.decode": "jwt.decode",
    "pydantic.class_validators.root_validator": "pydantic.root_validator",
    "pydantic.class_validators.validator": "pydantic.validator",
    "pydantic.fields.Field": "pydantic.Field",
    "pydantic.main.BaseModel": "pydantic.BaseModel",
    "pydantic.types.conlist": "pydantic.conlist",
    "pydantic.types.constr": "pydantic.constr",
    "sqlalchemy.engine.create_engine": "sqlalchemy.create_engine",
    "sqlalchemy.ext.asyncio.session.AsyncSession": "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.session.async_sessionmaker": "sqlalchemy.ext.asyncio.async_sessionmaker",
    "sqlalchemy.orm.session.Session": "sqlalchemy.orm.Session",
    "sqlalchemy.orm.session.sessionmaker": "sqlalchemy.orm.sessionmaker",
    "sqlalchemy.sql.expression.select": "sqlalchemy.select",
    "sqlalchemy.sql.expression.text": "sqlalchemy.text",
    "sqlalchemy.sql.select": "sqlalchemy.select",
    "sqlalchemy.sql.text": "sqlalchemy.text",
}
# What a call gives, where that is known to be an instance of something else.
_GIVES = {
    "sqlalchemy.create_engine()": "sqlalchemy.Engine()",
    "sqlalchemy.Engine().connect()": "sqlalchemy.Connection()",
    "sqlalchemy.Engine().begin()": "sqlalchemy.Connection()",
    "sqlalchemy.ext.asyncio.create_async_engine()": "sqlalchemy.ext.asyncio.AsyncEngine()",
    "sqlalchemy.ext.asyncio.AsyncEngine().connect()": "sqlalchemy.ext.asyncio.AsyncConnection()",
    "sqlalchemy.ext.asyncio.AsyncEngine().begin()": "sqlalchemy.ext.asyncio.AsyncConnection()",
    "sqlalchemy.ext.asyncio.async_sessionmaker()()": "sqlalchemy.ext.asyncio.AsyncSession()",
    "sqlalchemy.ext.asyncio.async_sessionmaker().begin()": "sqlalchemy.ext.asyncio.AsyncSession()",
    "psycopg.connect().cursor()": "psycopg.Cursor()",
    "sqlite3.connect().cursor()": "sqlite3.Cursor()",
}
# What awaiting a call gives.
_AWAITED = {"asyncpg.connect()": "asyncpg.Connection()", "asyncpg.create_pool()": "asyncpg.Pool()"}
# The classes whose instances may come without their names.
GIVEN = frozenset(path.rpartition(".")[2].removesuffix("()") for path in (*_GIVES.values(), *_AWAITED.values()))
# Bases that say nothing of what a class can do.
_NEUTRAL = ("builtins.object", "abc.", "typing.", "typing_extensions.")


class Origin(NamedTuple):
    """Where a name comes from.

    Attributes:
        path: dotted; `()` stands for the result of a call.
        own: for a class of the code's own that derives from `path`, the names that it defines itself.
    """

    path: str
    own: frozenset[str] | None = None

    def attribute(self, name: str) -> Origin | None:
        """The origin of an attribute, unless the code's own class defines it."""
        if self.own is not None and name in self.own:
            return None
        path = f"{self.path}.{name}"
        return Origin(SAME.get(path, path))

    def called(self) -> Origin:
        """The origin of the result of a call."""
        path = f"{self.path}()"
        return Origin(_GIVES.get(path, path), self.own)


class _Binding(NamedTuple):
    """One thing that a name is bound to: an import, a value, an instance of an annotated type, or something unknown."""

    path: str = ""
    value: ast.expr | ast.ClassDef | Function | None = None
    annotation: ast.expr | None = None


@dataclass(eq=False)
class Scope:
    """A module, class, function or comprehension, with what its names are bound to, and the origins found so far."""

    node: ast.AST
    parent: Scope | None
    bindings: dict[str, list[_Binding]] = field(default_factory=dict)
    origins: dict[str, Origin | None] = field(default_factory=dict)

    @property
    def function(self) -> Function | None:
        """The innermost function that the code of this scope runs in."""
        scope: Scope | None = self
        while scope is not None and isinstance(scope.node, _COMPREHENSION):
            scope = scope.parent
        return scope.node if scope is not None and isinstance(scope.node, Function) else None


class Names:
    """The names of one syntax tree."""

    def __init__(self, tree: ast.Module) -> None:
        """Read what each name is bound to."""
        self._nodes: dict[type[ast.AST], list[tuple[int, Any]]] = {}  # by their type, with their place in the order
        self._scopes: dict[ast.AST, Scope] = {}
        self._known: dict[ast.AST, Origin | None] = {}
        self._elsewhere: set[str] = set()  # names that are declared global or nonlocal somewhere
        self._read(tree)

    def each(self, *kinds: type[NodeT]) -> list[NodeT]:
        """The nodes of some types, in the order of the code."""
        found = [numbered for kind in kinds for numbered in self._nodes.get(kind, ())]
        if len(kinds) > 1:
            found.sort(key=itemgetter(0))
        return [node for _, node in found]

    @cached_property
    def calls(self) -> list[tuple[ast.Call, str]]:
        """The calls, each with the origin of what is called."""
        return [(call, self.path(call.func)) for call in self.each(ast.Call)]

    def scope(self, node: ast.AST) -> Scope:
        """The scope that a name, a call or an assignment stands in."""
        return self._scopes[node]

    def origin(self, node: ast.AST, depth: int = 0) -> Origin | None:
        """Where the value of an expression, or a class, comes from."""
        if node not in self._known:
            self._known[node] = None  # a name that leads to itself has no origin
            self._known[node] = self._origin(node, depth + 1) if depth < _DEPTH else None
        return self._known[node]

    @staticmethod
    def same(path: str) -> str:
        """The path that stands for a thing of several names."""
        return SAME.get(path, path)

    def path(self, node: ast.AST) -> str:
        """The dotted origin of a value, empty where it is unknown."""
        found = self.origin(node)
        return found.path if found else ""

    def value(self, node: ast.expr) -> ast.expr:
        """The expression that a name stands for, if it is bound once; else the node itself."""
        for _ in range(_DEPTH):
            if not isinstance(node, ast.Name):
                break
            bindings, _scope = self._lookup(node)
            if len(bindings) != 1 or not isinstance(bindings[0].value, ast.expr):
                break
            node = bindings[0].value
        return node

    def function(self, node: ast.expr) -> Function | None:
        """The function of the same code that a name stands for."""
        bindings, _ = self._lookup(node) if isinstance(node, ast.Name) else ([], None)
        found = bindings[0].value if len(bindings) == 1 else None
        return found if isinstance(found, Function) else None

    def _origin(self, node: ast.AST, depth: int) -> Origin | None:
        steps: list[ast.Attribute | ast.Call] = []  # a chain is as long as the code likes
        while isinstance(node, _STEPS):
            steps.append(node)
            node = node.value if isinstance(node, ast.Attribute) else node.func
        found = self._origin_of_head(node, depth)
        for step in reversed(steps):
            if found is not None and len(found.path) > 1_000:
                found = None
            if found is not None:
                found = found.attribute(step.attr) if isinstance(step, ast.Attribute) else found.called()
            self._known[step] = found
        return found

    def _origin_of_head(self, node: ast.AST, depth: int) -> Origin | None:
        match node:
            case ast.Name():
                bindings, scope = self._lookup(node)
                if not bindings:
                    known = hasattr(builtins, node.id) and node.id not in self._elsewhere
                    return Origin(f"builtins.{node.id}") if known and scope is None else None
                if scope is None:
                    return None
                if node.id not in scope.origins:
                    scope.origins[node.id] = None  # a name that leads to itself has no origin
                    found = {self._bound(binding, depth) for binding in bindings}
                    scope.origins[node.id] = found.pop() if len(found) == 1 else None
                return scope.origins[node.id]
            case ast.ClassDef():
                return self._class(node, depth)
            case ast.Await(value=value):
                path = self.origin(value, depth)
                return Origin(_AWAITED[path.path]) if path and path.path in _AWAITED else None
            case ast.Subscript(value=value, slice=inner):
                outer = self.origin(value, depth)
                name = outer.path.removeprefix("typing_extensions.").removeprefix("typing.") if outer else ""
                if name == "Annotated" and isinstance(inner, ast.Tuple) and inner.elts:
                    return self.origin(inner.elts[0], depth)
                return self.origin(inner, depth) if name == "Optional" else None
            case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
                return self.origin(left, depth)
        return None

    def _bound(self, binding: _Binding, depth: int) -> Origin | None:
        if binding.path:
            return Origin(binding.path)
        if binding.annotation is not None:
            found = self.origin(binding.annotation, depth)
            if found is not None:
                return found.called()
        return self.origin(binding.value, depth) if binding.value is not None else None

    def _class(self, node: ast.ClassDef, depth: int) -> Origin | None:
        own = set(_defined(node))
        path = "builtins.object"
        for base in node.bases:
            found = self.origin(base.value if isinstance(base, ast.Subscript) else base, depth)
            if found is None:
                return None
            own |= found.own or set()
            if path == "builtins.object" and not found.path.startswith(_NEUTRAL):
                path = found.path
        return Origin(path, frozenset(own))

    def _lookup(self, name: ast.Name) -> tuple[list[_Binding], Scope | None]:
        """What a name is bound to in the scope that Python would look in, and that scope."""
        start = scope = self._scopes.get(name)
        while scope is not None:
            if name.id in scope.bindings and (scope is start or not isinstance(scope.node, ast.ClassDef)):
                return ([] if name.id in self._elsewhere else scope.bindings[name.id]), scope
            scope = scope.parent
        return [], None

    def _read(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, Scope]] = [(tree, Scope(tree, None))]
        simple: set[ast.AST] = set()  # the names whose binding their statement has told
        number = 0
        while stack:
            node, scope = stack.pop()
            if isinstance(node, ast.Name):
                self._scopes[node] = scope
                if not isinstance(node.ctx, ast.Load) and node not in simple:
                    scope.bindings.setdefault(node.id, []).append(_Binding())
                continue
            kind = type(node)
            number += 1
            self._nodes.setdefault(kind, []).append((number, node))
            if kind in _PLACED:
                self._scopes[node] = scope
            if kind in _BINDING:
                for name, binding in _bindings(node):
                    if isinstance(name, ast.Name):
                        simple.add(name)
                        name = name.id
                    scope.bindings.setdefault(name, []).append(binding)
            elif isinstance(node, ast.Global | ast.Nonlocal):
                self._elsewhere.update(node.names)
            if kind in _OPENING:
                stack += reversed(list(_children(node, scope)))
            else:
                stack += [(child, scope) for child in reversed(_told(node))]


def _defined(node: ast.ClassDef) -> Iterator[str]:
    """The names that a class body binds."""
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def _bindings(node: ast.AST) -> Iterator[tuple[ast.Name | str, _Binding]]:
    """The names that a node binds in its scope, where it is known to what."""
    match node:
        case ast.Import(names=names):
            for alias in names:
                if alias.asname:
                    yield alias.asname, _Binding(SAME.get(alias.name, alias.name))
                else:
                    top = alias.name.partition(".")[0]
                    yield top, _Binding(top)
        case ast.ImportFrom(module=module, names=names, level=level):
            for alias in names:
                path = f"{module}.{alias.name}"
                yield alias.asname or alias.name, _Binding("" if level else SAME.get(path, path))
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Name):
                    yield target, _Binding(value=value)
        case ast.NamedExpr(target=target, value=value):
            yield target, _Binding(value=value)
        case ast.AnnAssign(target=ast.Name() as target, annotation=annotation, value=value):
            yield target, _Binding(value=value, annotation=annotation)
        case ast.withitem(context_expr=value, optional_vars=ast.Name() as target):
            yield target, _Binding(value=value)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, _Binding(value=node)
        case ast.arg(arg=name, annotation=annotation):
            yield name, _Binding(annotation=annotation)
        case (
            ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name)
        ):
            yield name, _Binding()
        case ast.MatchMapping(rest=str() as name):
            yield name, _Binding()


def _children(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The nodes below a node, each with the scope that it stands in."""
    inner, inside = scope, set[ast.AST]()
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            inner, inside = Scope(node, scope), set(node.body)
        case ast.Lambda():
            inner, inside = Scope(node, scope), {node.body}
    if isinstance(node, _COMPREHENSION):
        inner = Scope(node, scope)
        inside = set(_told(node))
    for child in _told(node):
        if isinstance(child, ast.arguments):
            function = inner
            for part in _told(child):
                yield part, function if isinstance(part, ast.arg) else scope
        else:
            yield child, inner if child in inside else scope


def _told(node: ast.AST) -> list[ast.AST]:
    """The nodes below a node, without constants and signs such as `+` and `Load`."""
    found = []
    for name in _with_nodes(node._fields):
        value: Any = getattr(node, name, None)
        if isinstance(value, list):
            found += [part for part in value if type(part) not in _SILENT]
        elif type(value) not in _SILENT:
            found.append(value)
    return found


@cache
def _with_nodes(fields: tuple[str, ...]) -> list[str]:
    """Those of a node's fields that may hold nodes."""
    return [name for name in fields if name not in _WORDS]
