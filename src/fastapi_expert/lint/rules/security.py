"""SE: faults of security and of the event loop that a reader would copy."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from fastapi_expert.lint.blocks import examples
from fastapi_expert.lint.origins import Function
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import SKILL, skill
from fastapi_expert.lint.usages import Usages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.lint.blocks import Example
    from fastapi_expert.lint.finding import Fault
    from fastapi_expert.lint.origins import Names
    from fastapi_expert.pack.reading import Pack

_CORS = "starlette.middleware.cors.CORSMiddleware"
_SECRET_NAME = re.compile(r"(?i)(.*_)?(secret|secret_key|jwt_key|signing_key)")
_COMPARED_NAME = re.compile(
    r"(?i)(.*_)?(password|passwd|password_hash|hashed_password|secret|secret_key|api_key|csrf_token)|((x|hmac|hub|webhook|stripe|request|expected)_)?signature"
)
_SECOND_NAME = re.compile(r"(?i)confirm|repeat|again|verify|old|new|current|previous|2")
_SECRET_PARTS = ("secret", "jwt", "signing_key")
_COMPARED_PARTS = ("passw", "secret", "api_key", "csrf_token", "signature")
_SIGNERS = frozenset({"jwt.encode", "jwt.decode", "jose.jwt.encode", "jose.jwt.decode"})
_CONFIGURATION = frozenset({"builtins.object", "pydantic.BaseModel", "pydantic_settings.BaseSettings"})
_CLIENTS = ("httpx.", "httpx2.", "requests.")
_RESPONSES = "starlette.responses."
_SQL_RUNNERS = {
    **dict.fromkeys(
        (
            "sqlalchemy.orm.Session()",
            "sqlalchemy.Connection()",
            "sqlalchemy.ext.asyncio.AsyncSession()",
            "sqlalchemy.ext.asyncio.AsyncConnection()",
        ),
        frozenset({"execute", "scalar", "scalars", "stream", "exec_driver_sql"}),
    ),
    **dict.fromkeys(
        ("asyncpg.Connection()", "asyncpg.Pool()"), frozenset({"execute", "fetch", "fetchrow", "fetchval", "cursor"})
    ),
    **dict.fromkeys(
        ("psycopg.connect()", "psycopg.Connection()", "psycopg.Cursor()", "sqlite3.connect()", "sqlite3.Cursor()"),
        frozenset({"execute", "executemany", "executescript"}),
    ),
}
_SQL_VERBS = frozenset().union(*_SQL_RUNNERS.values())
_PASTING = frozenset({"format", "f", "F", "fr", "fR", "Fr", "FR", "rf", "rF", "Rf", "RF"})
_REQUEST_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_BLOCKING = {
    "time.sleep": "await asyncio.sleep(…)",
    "urllib.request.urlopen": "await httpx2.AsyncClient().get(…)",
    "os.system": "await asyncio.create_subprocess_exec(…)",
    **{
        f"subprocess.{name}": "await asyncio.create_subprocess_exec(…)"
        for name in ("run", "call", "check_call", "check_output", "getoutput")
    },
    **{
        f"{owner}.{name}": "await httpx2.AsyncClient().get(…)"
        for owner in ("requests", "requests.Session()", "httpx", "httpx2", "httpx.Client()", "httpx2.Client()")
        for name in _REQUEST_METHODS
    },
    **{
        f"sqlalchemy.orm.Session().{name}": "an AsyncSession, or def without async"
        for name in ("query", "execute", "scalar", "scalars", "get", "commit", "flush", "refresh")
    },
    **{f"bcrypt.{name}": "await asyncio.to_thread(…)" for name in ("hashpw", "checkpw")},
}
_WAITING = Usages(_BLOCKING)


def _sample(code: str) -> dict[str, str]:
    return skill(f"{SKILL}\n```python\n{code}\n```\n")


@rule(
    "SE001",
    "error",
    wrong=_sample(
        "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n\napp = FastAPI()\n"
        'app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)'
    ),
    right=_sample(
        "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n\napp = FastAPI()\n"
        'app.add_middleware(CORSMiddleware, allow_origins=["https://app.example"], allow_credentials=True)'
    ),
)
def any_origin(pack: Pack) -> Iterator[Fault]:
    """CORS with credentials names its origins.

    Starlette answers `*` with credentials by echoing the origin that asks, so every site acts as the signed-in user.
    """
    for example, call, path in _calls(pack, "CORSMiddleware"):
        names = example.names
        if path != _CORS and not (call.args and names.path(call.args[0]) == _CORS):
            continue
        given = _keywords(call)
        if _literal(names, given.get("allow_credentials")) is not True:
            continue
        origins = _literal(names, given.get("allow_origins"))
        pattern = _literal(names, given.get("allow_origin_regex"))
        if (isinstance(origins, list | tuple) and "*" in origins) or pattern in {".*", "^.*$", ".+"}:
            message = "every site may act with the user's credentials: the server echoes whatever origin asks"
            yield example.fault(call, message, "list the origins")


@rule(
    "SE002",
    "error",
    wrong=_sample('import jwt\n\ntoken = jwt.encode({"sub": "1"}, "change-me", algorithm="HS256")'),
    right=_sample('import jwt\n\ntoken = jwt.encode({"sub": "1"}, settings.secret_key, algorithm="HS256")'),
)
def written_secret(pack: Pack) -> Iterator[Fault]:
    """A secret is never written in code, not even as a placeholder or a fallback.

    A placeholder ships: whoever has read the page signs tokens that the service takes.
    """
    help_ = "read it from the environment, without a default"
    for example in examples(pack):
        if not _mentions(example, _SECRET_PARTS):
            continue
        names = example.names
        if any(node.names[0].name == "pytest" for node in names.each(ast.Import)):
            continue  # what a test signs with is no secret
        for node in names.each(ast.Assign, ast.AnnAssign, ast.Call):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value) if _SECRET_NAME.fullmatch(name):
                    pass
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _SECRET_NAME.fullmatch(name):
                    pass
                case ast.Call(args=[_, ast.Constant() as value, *_]) if names.path(node.func) in _SIGNERS:
                    name = "the key"
                case _:
                    continue
            if not isinstance(node, ast.Call):
                owner = names.scope(node).node
                if isinstance(owner, ast.ClassDef) and names.path(owner) not in _CONFIGURATION:
                    continue  # a member of an enumeration, say
                value = _fallback(names, value) or value
            if isinstance(value, ast.Constant) and _is_written_out(value.value):
                message = f"{name} is written in code: who reads it can sign what the service trusts"
                if example.is_meant(value):
                    yield example.fault(value, message, help_)


def _is_written_out(value: object) -> bool:
    """It is a text that nobody has to complete."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else value
    return isinstance(text, str) and bool(text) and "..." not in text and "\u2026" not in text


@rule(
    "SE003",
    "error",
    wrong=_sample('import jwt\n\nclaims = jwt.decode(token, options={"verify_signature": False})'),
    right=_sample('import jwt\n\nclaims = jwt.decode(token, key, algorithms=["HS256"])'),
)
def unchecked_token(pack: Pack) -> Iterator[Fault]:
    """A token is decoded with its signature checked, by an algorithm that the code names.

    Anyone can write a token whose signature nobody checks, or one that names its own algorithm.
    """
    for example, call, path in _calls(pack, "jwt"):
        if path not in {"jwt.decode", "jose.jwt.decode"}:
            continue
        given = _keywords(call)
        options = example.names.value(given["options"]) if "options" in given else None
        help_ = 'decode(token, key, algorithms=["HS256"])'
        if path.startswith("jose.") and "algorithms" not in given and None not in given and len(call.args) < 3:
            yield example.fault(call, "the token itself says how it is to be checked", help_)
        elif isinstance(options, ast.Dict):
            for key, value in zip(options.keys, options.values, strict=True):
                if _literal(example.names, key) == "verify_signature" and _literal(example.names, value) is False:
                    yield example.fault(call, "the token's signature isn't checked: anyone can write one", help_)


@rule(
    "SE004",
    "error",
    wrong=_sample("from sqlalchemy import text\n\nquery = text(f\"SELECT * FROM users WHERE name = '{name}'\")"),
    right=_sample(
        'from sqlalchemy import text\n\nquery = text("SELECT * FROM users WHERE name = :name").bindparams(name=name)'
    ),
)
def pasted_sql(pack: Pack) -> Iterator[Fault]:
    """Values go into SQL as parameters, never into its text.

    What a user sends becomes part of the statement, and reads or changes what it likes.
    """
    message = "values are pasted into SQL: what a user sends becomes part of the statement"
    help_ = "write :name and give the value as a parameter; take names of tables from a list of your own"
    for example in examples(pack, "text", *_SQL_VERBS):
        text = example.fragment.text
        if "%" not in text and "+" not in text and example.words.isdisjoint(_PASTING):
            continue
        names = example.names
        for call, path in example.calls:
            owner, _, verb = path.rpartition(".")
            runs = path == "sqlalchemy.text" or verb in _SQL_RUNNERS.get(owner, ())
            if runs and call.args and _is_pasted(names, names.value(call.args[0])):
                yield example.fault(call, message, help_)


@rule(
    "SE005",
    "warning",
    wrong=_sample("def is_known(api_key: str, expected: str) -> bool:\n    return api_key == expected"),
    right=_sample(
        "import secrets\n\n\ndef is_known(api_key: str, expected: str) -> bool:\n"
        "    return secrets.compare_digest(api_key.encode(), expected.encode())"
    ),
)
def compared_secret(pack: Pack) -> Iterator[Fault]:
    """A secret is compared in constant time, and a password by its hash.

    `==` stops at the first difference, and its time tells how much of a guess was right.
    """
    for example in examples(pack):
        if not _mentions(example, _COMPARED_PARTS):
            continue
        for node in example.names.each(ast.Compare):
            match node:
                case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]) if (
                    _is_secret_comparison(left, right)
                    and example.is_meant(node)
                    and node not in _tested_or_queried(example.names)
                ):
                    message = "`==` on a secret: its time tells how much of a guess was right"
                    help_ = "secrets.compare_digest on bytes; for a password, the verify of its hash"
                    yield example.fault(node, message, help_)


@rule(
    "SE006",
    "error",
    wrong=_sample("import httpx2\n\nclient = httpx2.AsyncClient(verify=False)"),
    right=_sample("import httpx2\n\nclient = httpx2.AsyncClient()"),
)
def unchecked_server(pack: Pack) -> Iterator[Fault]:
    """A client checks who it talks to.

    Without it anyone on the way reads and changes what is sent, and nothing shows it.
    """
    for example, call, path in _calls(pack, "verify"):
        if path.startswith(_CLIENTS):
            verify = _keywords(call).get("verify")
            if verify is not None and _literal(example.names, verify) is False:
                message = "the server's certificate isn't checked: anyone on the way can answer in its place"
                yield example.fault(call, message, "leave verify out, or give it an ssl.SSLContext with your own CA")


@rule(
    "SE007",
    "warning",
    wrong=_sample(
        "from fastapi import HTTPException\n\ntry:\n    work()\nexcept Exception as error:\n"
        "    raise HTTPException(500, detail=str(error)) from error"
    ),
    right=_sample(
        "from fastapi import HTTPException\n\ntry:\n    work()\nexcept Exception as error:\n"
        '    raise HTTPException(500, detail="Something went wrong") from error'
    ),
)
def told_exception(pack: Pack) -> Iterator[Fault]:
    """The text of an exception that wasn't expected stays on the server.

    It holds statements, paths, hosts and values, the very things that an attacker asks for.
    """
    for example in examples(pack, "except", "exception_handler"):
        for name, body in _catchers(example.names):
            for node in body:
                if isinstance(node, ast.Call) and _answers(example.names, node) and example.is_meant(node):
                    told = next((part for part in ast.walk(node) if _is_text_of(example.names, part, name)), None)
                    if told is not None:
                        message = "the exception's text goes to the client, with whatever it holds"
                        yield example.fault(node, message, "log it, and answer with a text of your own")


@rule(
    "SE008",
    "warning",
    wrong=_sample("import time\n\n\nasync def wait() -> None:\n    time.sleep(1)"),
    right=_sample("import asyncio\n\n\nasync def wait() -> None:\n    await asyncio.sleep(1)"),
)
def blocking_call(pack: Pack) -> Iterator[Fault]:
    """Nothing in `async def` waits without `await`.

    The event loop stops with it, and so does every other request of the process.
    """
    for example in examples(pack, "async"):
        for call, path in example.calls if _WAITING.may_be_in(example.fragment) else ():
            if path in _BLOCKING and isinstance(example.names.scope(call).function, ast.AsyncFunctionDef):
                name = path.replace("()", "")
                message = f"{name} blocks the event loop: every other request of the process waits"
                yield example.fault(call, message, f"use {_BLOCKING[path]}")


_LATE_COMMIT = """\
from typing import Annotated

from fastapi import Depends


async def get_session():
    async with maker() as session:
        yield session
        await session.commit()


Session = Annotated[object, Depends(get_session)]"""


@rule(
    "SE009",
    "error",
    wrong=_sample(_LATE_COMMIT),
    right=_sample(_LATE_COMMIT.replace("(get_session)", '(get_session, scope="function")')),
)
def late_commit(pack: Pack) -> Iterator[Fault]:
    """A dependency that commits after its `yield` has `scope="function"`.

    Since FastAPI 0.118 the code after `yield` runs when the answer is sent: a client has its 201 when the commit fails.
    """
    late: dict[Function, bool] = {}
    for example, call, path in _calls(pack, "commit", "begin"):
        if path != "fastapi.Depends" or not call.args:
            continue
        given = _keywords(call)
        function = example.names.function(call.args[0])
        if function is None or "scope" in given or None in given or isinstance(function, ast.Lambda):
            continue
        if function not in late:
            late[function] = not function.decorator_list and _commits_after_yield(function)
        if late[function]:
            message = "the commit comes after the answer: the client is told of success before there is any"
            yield example.fault(call, message, 'Depends(…, scope="function")')


def _mentions(example: Example, parts: tuple[str, ...]) -> bool:
    """Whether one of the parts is anywhere in the code, in any case: only then its names are worth looking at."""
    text = example.fragment.text.lower()
    return any(part in text for part in parts)


def _calls(pack: Pack, *words: str) -> Iterator[tuple[Example, ast.Call, str]]:
    """The calls of the examples that hold one of the words, each with the origin of what is called."""
    for example in examples(pack, *words):
        for call, path in example.calls:
            yield example, call, path


def _keywords(call: ast.Call) -> dict[str | None, ast.expr]:
    """The keyword arguments; `**` goes by None."""
    return {keyword.arg: keyword.value for keyword in call.keywords}


def _literal(names: Names, node: ast.expr | None) -> object:
    """The constant, or the list of constants, that an expression or a name stands for; else None."""
    node = names.value(node) if node is not None else None
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [part.value for part in node.elts if isinstance(part, ast.Constant)]
    return None


def _fallback(names: Names, node: ast.expr) -> ast.expr | None:
    """What stands in for a variable that isn't set."""
    if not isinstance(node, ast.Call):
        return None
    path = names.path(node.func)
    if path in {"os.getenv", "os.environ.get"}:
        return node.args[1] if len(node.args) == 2 else None
    if path in {"pydantic.Field", "pydantic.SecretStr"}:
        return node.args[0] if node.args else _keywords(node).get("default")
    return None


def _is_pasted(names: Names, node: ast.expr) -> bool:
    """The expression puts values that aren't constants into a text."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and isinstance(node.left, ast.BinOp):
        if not _is_harmless(names, node.right):
            return True
        node = node.left
    match node:
        case ast.JoinedStr(values=values):
            return any(
                isinstance(value, ast.FormattedValue) and not _is_harmless(names, value.value) for value in values
            )
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod() | ast.Add(), right=right):
            return not _is_harmless(names, right)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="format"), args=args, keywords=keywords):
            return not all(_is_harmless(names, value) for value in (*args, *(keyword.value for keyword in keywords)))
    return False


def _is_harmless(names: Names, node: ast.expr) -> bool:
    """It is a constant of the code, or a number."""
    if isinstance(node, ast.Call):
        return names.path(node.func) in {"builtins.int", "builtins.float", "builtins.len"}
    return isinstance(names.value(node), ast.Constant)


def _is_secret_comparison(*sides: ast.expr) -> bool:
    said = [
        side.id if isinstance(side, ast.Name) else side.attr if isinstance(side, ast.Attribute) else ""
        for side in sides
    ]
    if not any(_COMPARED_NAME.fullmatch(name) for name in said):
        return False
    if all(said) and any(_SECOND_NAME.search(name) for name in said):
        return False  # a password typed twice
    for side in sides:
        if isinstance(side, ast.Attribute) and isinstance(side.value, ast.Name) and side.value.id[:1].isupper():
            return False  # a column or a member of an enumeration
        if isinstance(side, ast.Constant) and not (isinstance(side.value, str | bytes) and len(side.value) > 3):
            return False
    return True


def _tested_or_queried(names: Names) -> set[ast.AST]:
    """The comparisons that a test asserts, or that make a condition of a query."""
    found = set[ast.AST]()
    for node in names.each(ast.Assert, ast.Call):
        match node:
            case ast.Assert():
                found.update(ast.walk(node.test))
            case ast.Call(func=ast.Attribute(attr="where" | "filter" | "having"), args=args):
                for argument in args:
                    found.update(ast.walk(argument))
    return found


def _catchers(names: Names) -> Iterator[tuple[str, list[ast.AST]]]:
    """The code that has any exception at all in hand, with the name that it goes by."""
    for node in names.each(ast.ExceptHandler, ast.FunctionDef, ast.AsyncFunctionDef):
        match node:
            case ast.ExceptHandler(type=kind, name=name, body=body) if kind is None or _is_unexpected(names, kind):
                yield name or "", [part for statement in body for part in ast.walk(statement)]
            case ast.FunctionDef(decorator_list=decorators) | ast.AsyncFunctionDef(decorator_list=decorators):
                for decorator in decorators:
                    if (
                        isinstance(decorator, ast.Call)
                        and names.path(decorator.func) == "fastapi.FastAPI().exception_handler"
                        and decorator.args
                        and _is_unexpected(names, decorator.args[0])
                        and len(node.args.args) == 2
                    ):
                        yield node.args.args[1].arg, list(ast.walk(node))


def _is_unexpected(names: Names, kind: ast.expr) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    paths = [names.path(part) for part in kinds]
    return any(
        path in {"builtins.Exception", "builtins.BaseException"} or path.startswith("sqlalchemy.exc.") for path in paths
    )


def _answers(names: Names, call: ast.Call) -> bool:
    path = names.path(call.func)
    return path in {"fastapi.HTTPException", "starlette.exceptions.HTTPException"} or path.startswith(_RESPONSES)


def _is_text_of(names: Names, node: ast.AST, name: str) -> bool:
    match node:
        case ast.FormattedValue(value=ast.Name(id=found)) | ast.Attribute(value=ast.Name(id=found), attr="args"):
            return bool(name) and found == name
        case ast.Call(func=function, args=[ast.Name(id=found)]):
            return bool(name) and found == name and names.path(function) in {"builtins.str", "builtins.repr"}
        case ast.Call(func=function):
            return names.path(function) == "traceback.format_exc"
    return False


def _commits_after_yield(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """It yields a session, and commits that very session later: by a call, or by leaving its `begin()`."""
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    if any(isinstance(node, Function) for node in nodes):
        return False
    yielded = {
        node.value.id: node.lineno for node in nodes if isinstance(node, ast.Yield) and isinstance(node.value, ast.Name)
    }
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="commit"), lineno=line):
                if line > yielded.get(name, line):
                    return True
            case ast.withitem(context_expr=ast.Call(func=ast.Attribute(attr="begin")), optional_vars=ast.Name(id=name)):
                if name in yielded:
                    return True
    return False
