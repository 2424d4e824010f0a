"""The tables of patterns in a project that has an Alembic of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fastapi_expert.cli import main
from fastapi_expert.render.migrations import read_revision

ENV = """\
from alembic import context

from shop.models import Base

target_metadata = Base.metadata
context.configure(target_metadata=target_metadata)
"""
FIRST = 'revision = "001"\ndown_revision = None\n'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project of one package, with an Alembic and one migration."""
    files = {
        "shop/__init__.py": "",
        "shop/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
        "alembic.ini": "[alembic]\nscript_location = alembic\n",
        "alembic/env.py": ENV,
        "alembic/versions/001_shelves.py": FIRST,
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def added(shop: Path, capsys: pytest.CaptureFixture[str], pattern: str) -> dict[str, Any]:
    """Add a pattern, and read what is reported."""
    assert main(["add", pattern, "--to", str(shop), "--format", "json"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def order(folder: Path) -> dict[str, tuple[str, ...]]:
    """Read which migration follows which."""
    revisions = [read_revision(file.name, file.read_bytes()) for file in folder.glob("*.py")]
    return {revision.id: revision.after for revision in revisions}


def test_a_migration_goes_to_the_end_of_the_line_once(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = added(shop, capsys, "idempotency")
    (shop / "alembic/versions/002_own.py").write_text('revision = "002"\ndown_revision = "5e0b8c1f7a42"\n')
    added(shop, capsys, "api-keys")

    assert order(shop / "alembic/versions") == {
        "001": (),
        "5e0b8c1f7a42": ("001",),
        "002": ("5e0b8c1f7a42",),
        "25ea584f5d2b": ("002",),
    }
    assert "read the migration, then alembic upgrade head" in first["to_do"]
    assert added(shop, capsys, "api-keys")["changes"] == []


def test_alembic_compares_the_tables_too(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for pattern in ("idempotency", "api-keys"):
        assert {"path": "alembic/env.py", "state": "edit"} in added(shop, capsys, pattern)["changes"]

    assert (shop / "alembic/env.py").read_text() == (
        "from alembic import context\n\n"
        "from shop.core.database import Base as PatternBase\n"
        "from shop.core.idempotency import IdempotencyRecord  # noqa: F401 - its table\n"
        "from shop.domains.api_keys.models import ApiKey  # noqa: F401 - its table\n"
        "from shop.models import Base\n\n"
        "target_metadata = [Base.metadata, PatternBase.metadata]\n"
        "context.configure(target_metadata=target_metadata)\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("metadata", "[metadata, PatternBase.metadata]"),
        ("[a.metadata, b.metadata]", "[a.metadata, b.metadata, PatternBase.metadata]"),
    ],
)
def test_whatever_it_compared_before(shop: Path, before: str, after: str, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "alembic/env.py").write_text(f"target_metadata = {before}\n")

    added(shop, capsys, "idempotency")

    assert f"\ntarget_metadata = {after}\n" in (shop / "alembic/env.py").read_text()


@pytest.mark.parametrize(
    "env",
    [
        "target_metadata = make()\ntarget_metadata.reflect(engine)\n",
        "target_metadata = (\n",
        "import x\n",
        "target_metadata = None\n",
        "# caf\xe9\ntarget_metadata = metadata\n",
        f"target_metadata = {'(' * 10_000}{')' * 10_000}\n",
    ],
    ids=["used for more", "a syntax error", "not there", "nothing compared", "Latin-1", "too deep"],
)
def test_what_can_not_be_edited_safely_is_told(shop: Path, env: str, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "alembic/env.py").write_bytes(env.encode("latin-1"))

    report = added(shop, capsys, "idempotency")

    assert (shop / "alembic/env.py").read_bytes() == env.encode("latin-1")
    assert report["lines"] == [
        "from shop.core.idempotency import IdempotencyRecord  # noqa: F401 - its table",
        "from shop.core.database import Base as PatternBase",
        "target_metadata = [..., PatternBase.metadata]",
    ]


def test_several_heads_are_said_and_the_migration_comes_later(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added(shop, capsys, "refresh-tokens")
    other = shop / "alembic/versions/002.py"
    other.write_text('revision = "002"\ndown_revision = "001"\n')

    report = added(shop, capsys, "idempotency")

    assert any("002 and 2e681a01a3b3: run `alembic merge heads`" in step for step in report["to_do"])
    assert order(shop / "alembic/versions").keys() == {"001", "002", "2e681a01a3b3"}
    other.unlink()
    added(shop, capsys, "idempotency")
    assert order(shop / "alembic/versions")["5e0b8c1f7a42"] == ("2e681a01a3b3",)


def test_without_an_alembic_it_is_said_that_tables_are_wanted(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "alembic.ini").unlink()

    report = added(shop, capsys, "idempotency")

    assert any("no Alembic was found" in step for step in report["to_do"])
    assert (shop / "shop/core/idempotency.py").is_file()


def test_an_alembic_outside_of_the_project_is_left_alone(
    shop: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "env.py").write_text(ENV)
    (shop / "alembic.ini").write_text(f"[alembic]\nscript_location = {elsewhere}\n")

    report = added(shop, capsys, "idempotency")

    assert any("no Alembic was found" in step for step in report["to_do"])
    assert [file.name for file in elsewhere.rglob("*")] == ["env.py"]


def test_a_migration_that_was_written_stays_when_alembic_goes(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added(shop, capsys, "idempotency")
    (shop / "alembic.ini").unlink()

    added(shop, capsys, "api-keys")

    assert order(shop / "alembic/versions").keys() == {"001", "5e0b8c1f7a42"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("alembic.ini", "[alembic]\nscript_location = %(here)s/alembic\n"),
        ("alembic.ini", "[alembic]\nscript_location = .:alembic\n"),
        ("pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/alembic"\n'),
    ],
    ids=["from its file", "from a package", "in pyproject.toml"],
)
def test_alembic_is_found_however_it_is_configured(
    shop: Path, file: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "alembic.ini").unlink()
    (shop / file).write_text(text)

    added(shop, capsys, "idempotency")

    assert "5e0b8c1f7a42" in order(shop / "alembic/versions")


def test_an_env_that_is_run_from_another_folder_imports_as_it_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "src/__init__.py": "",
        "src/shop/__init__.py": "",
        "src/shop/main.py": "from fastapi import FastAPI\n\nfrom .models import Base\n\napp = FastAPI()\n",
        "src/shop/models.py": "Base = None\n",
        "src/alembic.ini": "[alembic]\nscript_location = migrations\n",
        "src/migrations/env.py": ENV,
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    added(tmp_path, capsys, "idempotency")

    assert "from src.shop.core.lifespans import" in (tmp_path / "src/shop/main.py").read_text()
    assert "from shop.core.database import Base as PatternBase" in (tmp_path / "src/migrations/env.py").read_text()
    assert order(tmp_path / "src/migrations/versions") == {"5e0b8c1f7a42": ()}
