"""The environment that examples are judged by: the one of the interpreter that the user names, asked in a process."""

from __future__ import annotations

import importlib.util
import json
import sys
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi_expert.lint.probe import is_written

if TYPE_CHECKING:
    from collections.abc import Iterable

TIME_LIMIT = 30  # seconds: a large library takes one, on a slow disk ten
INTERPRETER: ContextVar[str] = ContextVar("INTERPRETER", default=sys.executable)
# The libraries of a FastAPI service and its tests; of no other is anything imported.
LIBRARIES = frozenset(
    {
        "aiosqlite",
        "alembic",
        "anyio",
        "argon2",
        "asyncpg",
        "bcrypt",
        "celery",
        "click",
        "email_validator",
        "fastapi",
        "fastapi_users",
        "httpx",
        "httpx2",
        "jinja2",
        "joserfc",
        "jsonschema",
        "jwt",
        "limits",
        "loguru",
        "markdown_it",
        "opentelemetry",
        "orjson",
        "passlib",
        "polyfactory",
        "prometheus_client",
        "psycopg",
        "pwdlib",
        "pydantic",
        "pydantic_core",
        "pydantic_extra_types",
        "pydantic_settings",
        "pytest",
        "pytest_asyncio",
        "python_multipart",
        "redis",
        "respx",
        "slowapi",
        "sqlalchemy",
        "sqlmodel",
        "starlette",
        "structlog",
        "taskiq",
        "tenacity",
        "testcontainers",
        "typer",
        "typing_extensions",
        "uvicorn",
        "valkey",
        "websockets",
        "yaml",
    }
)

Name = tuple[str, str | None]


class InterpreterError(ValueError):
    """A path that no Python answers at."""


def check_interpreter(path: str) -> None:
    """Make sure that a path leads to a Python.

    Raises:
        InterpreterError: it doesn't.
    """
    import subprocess

    command = [path, "-I", "-c", "import json; print(json.dumps('python'))"]
    try:
        answer = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or "it gives no answer"
        raise InterpreterError(f"{path}: no Python to ask: {reason}") from error
    if answer.returncode or answer.stdout.strip() != '"python"':
        raise InterpreterError(f"{path}: no Python to ask: it doesn't answer as one")


def missing_names(asked: Iterable[Name]) -> dict[Name, str | None]:
    """The modules and names that libraries of the environment lack, each with the name that was probably meant.

    Args:
        asked: modules, with a name in them or None for the module itself, that aren't settled.
    """
    open_ = frozenset(asked)
    return _answers(INTERPRETER.get(), open_) if open_ else {}


def is_settled(module: str, names: tuple[str | None, ...]) -> bool:
    """Nobody needs to be asked: the library is unknown or not here, or it plainly has the module and the names."""
    if module.partition(".")[0] not in LIBRARIES:
        return True
    return INTERPRETER.get() == sys.executable and _are_settled_here(module, names)


@lru_cache(maxsize=4096)
def _are_settled_here(module: str, names: tuple[str | None, ...]) -> bool:
    return all(_is_settled_here(module, name) for name in names)


@lru_cache(maxsize=4096)
def _is_settled_here(module: str, name: str | None) -> bool:
    owner, _, last = module.rpartition(".")
    try:
        if importlib.util.find_spec(module.partition(".")[0]) is None or is_written(module, name):
            return True
        return bool(owner) and not is_written(module, None) and is_written(owner, last)  # a class, say, no module
    except (OSError, ValueError, ImportError):
        return False


@lru_cache(maxsize=8)
def _answers(interpreter: str, asked: frozenset[Name]) -> dict[Name, str | None]:
    import subprocess  # most runs need neither
    import tempfile

    question = json.dumps(sorted(asked, key=str))
    command = [interpreter, "-I", str(Path(__file__).with_name("probe.py"))]
    with tempfile.TemporaryDirectory() as folder:
        try:
            output = subprocess.run(
                command,
                input=question,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                text=True,
                timeout=TIME_LIMIT,
                check=False,
            ).stdout
        except subprocess.TimeoutExpired as error:
            output = error.stdout.decode() if isinstance(error.stdout, bytes) else error.stdout or ""
        except OSError:
            return {}
    answers = {}
    for line in output.split("\n"):
        # A library may write between the answers, and a time limit cut the last one off.
        with suppress(ValueError):
            module, name, close = json.loads(line)
            answers[module, name] = close
    return answers
