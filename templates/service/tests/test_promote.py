"""The command that makes the first admin."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from app import paths
from app.promote import main
from tests.service import ADA, EVE, JWT_SECRET, Service

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """Point the command at the tests' database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("JWT_SECRET", JWT_SECRET)


def promote(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command here: it has an event loop of its own, so a test that does is synchronous."""
    monkeypatch.setattr(sys, "argv", ["promote", *arguments])
    return main()


async def test_it_makes_a_registered_user_an_admin(service: Service) -> None:
    account = await service.new_account(ADA)

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.promote", ADA.upper(), cwd=ROOT, env=os.environ, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()

    assert (process.returncode, output.decode()) == (0, f"{ADA} is an admin now.\n")
    me = (await service.client.get(paths.ME, headers=account.headers)).json()
    assert me["role"] == "admin"


@pytest.mark.usefixtures("service")
def test_a_name_that_nobody_has_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert promote(monkeypatch, EVE) == 1
    assert capsys.readouterr().err == f"There is no user {EVE}.\n"


def test_a_database_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost:1/nowhere")

    assert promote(monkeypatch, ADA) == 1
    assert capsys.readouterr().err == "The database is not available at the moment. Try again.\n"


@pytest.mark.parametrize("arguments", [[], ["no body"], ["\udcff@example.com"], [ADA, EVE]])
def test_wrong_arguments_are_misuse(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        promote(monkeypatch, *arguments)

    assert stopped.value.code == 2
    assert "usage: python -m app.promote" in capsys.readouterr().err
