"""PY002: what examples import, judged by the libraries of an interpreter."""

from __future__ import annotations

import json
import sys
import venv
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.lint.rule import chosen_rules
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.lint.samples import SKILL, skill
from tests.pack.laying import lay


def found(root: Path, code: str) -> list[tuple[str, str]]:
    lay(root, skill(f"{SKILL}\n```python\n{code}\n```\n"))
    return [(finding.message, finding.help) for finding in lint_paths([root], chosen_rules(["PY002"])).findings]


@pytest.mark.parametrize(
    ("code", "message", "help_"),
    [
        (
            "from fastapi.security import HTTPBearer, HTTPAuthCredentials",
            "fastapi.security has no HTTPAuthCredentials",
            "did you mean HTTPAuthorizationCredentials?",
        ),
        ("import fastapi\nfastapi.Dependss", "fastapi has no Dependss", "did you mean Depends?"),
        ("from fastapi import status\nstatus.HTTP_200", "starlette.status has no HTTP_200", "did you mean"),
        ("from sqlalchemy.orm import UnitOfWork", "sqlalchemy.orm has no UnitOfWork", "did you mean unitofwork?"),
        ("import sqlalchemy.asyncio", "there is no module sqlalchemy.asyncio", "look it up in"),
        ("from pydantic.nothing import a, b", "there is no module pydantic.nothing", "look it up in"),
        ("from jwt import JWTError", "jwt has no JWTError", "did you mean PyJWTError?"),
    ],
)
def test_what_does_not_exist_is_found(tmp_path: Path, code: str, message: str, help_: str) -> None:
    ((told, advised),) = found(tmp_path, code)

    assert told == message
    assert advised.startswith(help_)


@pytest.mark.parametrize(
    "code",
    [
        "from fastapi import FastAPI, status\nstatus.HTTP_201_CREATED",
        "from sqlalchemy.ext import asyncio",
        "import sqlalchemy\nsqlalchemy.orm.Session",
        "from sqlalchemy import *",
        "from opentelemetry.instrumentation.flask import nothing  # a library of its own, which isn't here",
        "from alembic import context\nconfig = context.config",
        "from python_multipart.multipart import MultipartCallbacks  # only for type checkers",
        "from app.core import nothing",
        "from .fastapi import nothing",
        "from json import nothing",
        "import no_such_library\nno_such_library.thing",
        "from uvicorn.workers import UvicornWorker  # needs gunicorn, which isn't here",
        "from pydantic import BaseModel\nBaseModel.nothing",
        "try:\n    from fastapi import Nothing\nexcept ImportError:\n    Nothing = None",
        "from fastapi import Nothing  # wrong",
        "fastapi = connect()\nfastapi.nothing",
        "from pydantic import BaseSettings  # AP001 tells of it\n",
    ],
)
def test_what_exists_or_is_not_known_is_not(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, code) == []


def test_nothing_of_the_reader_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, {"fastapi.py": "raise SystemExit('run')", "app.py": "raise SystemExit('run')"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert found(tmp_path / "pack", "import app\nfrom fastapi import FastAPI, Fast") == [
        ("fastapi has no Fast", "did you mean FastAPI?")
    ]


def test_libraries_are_those_of_the_named_interpreter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = lay(tmp_path / "pack", skill(f"{SKILL}\n```python\nfrom fastapi import Nothing\n```\n"))
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"

    assert main(["lint", str(pack), "--python", str(python)]) == 0  # it isn't installed there
    (site,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    lay(site, {"fastapi/__init__.py": "import os\nprint('noise')\nos.write(1, b'noise')\nNothing = 1\n"})
    lay(pack, skill(f"{SKILL}\n```python\nfrom fastapi import Nothing, FastAPI\n```\n"))
    capsys.readouterr()

    assert main(["lint", str(pack), "--python", str(python), "--format", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["message"] == "fastapi has no FastAPI"


@pytest.mark.parametrize("path", ["nowhere", "/", "/bin/true", "\0"])
def test_a_path_of_no_python_is_misuse(tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str) -> None:
    lay(tmp_path, skill(SKILL))

    assert main(["lint", str(tmp_path), "--python", path]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "no Python" in error
    assert error.count("\n") == 1


def test_the_default_is_the_interpreter_that_runs(tmp_path: Path) -> None:
    lay(tmp_path, skill(f"{SKILL}\n```python\nfrom jinja2 import Enviroment\n```\n"))

    assert main(["lint", str(tmp_path)]) == main(["lint", str(tmp_path), "--python", sys.executable]) == 1
