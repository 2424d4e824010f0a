"""The command that makes a user."""

import asyncio
import io
import json
import os
import sys
from pathlib import Path

import pytest

from app.register import main
from tests.service import ADA, JWT_SECRET, LOGIN_FIELD, PASSWORD, Service

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """Point the command at the tests' database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("JWT_SECRET", JWT_SECRET)


def register(monkeypatch: pytest.MonkeyPatch, sent: str | bytes) -> int:
    """Run the command here: it has an event loop of its own, so a test that does is synchronous."""
    monkeypatch.setattr(sys, "argv", ["register"])
    content = sent if isinstance(sent, bytes) else sent.encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    return main()


async def test_whom_it_makes_can_log_in(service: Service) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.register"),
        cwd=ROOT,
        env=os.environ,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate(json.dumps(service.registration(ADA.upper())).encode())

    assert (process.returncode, output.decode()) == (0, f"{ADA} is registered.\n")
    assert (await service.log_in()).status_code == 200


def test_a_name_that_is_taken_is_said(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registration = json.dumps(service.registration(ADA))

    assert register(monkeypatch, registration) == 0
    assert register(monkeypatch, registration) == 1
    assert capsys.readouterr().err.startswith("An account with this ")


def test_a_database_that_is_away_is_said(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost:1/nowhere")

    assert register(monkeypatch, json.dumps(service.registration())) == 1
    assert capsys.readouterr().err == "The database is not available at the moment. Try again.\n"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("", "standard input: "),
        ("[]", "standard input: "),
        (b"\xff", "standard input: "),
        (json.dumps({"password": PASSWORD}), f"{LOGIN_FIELD}: Field required"),
        (json.dumps({LOGIN_FIELD: ADA, "password": "short"}), "password: Value should have at least 12"),
    ],
)
def test_what_is_no_registration_is_misuse(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sent: str | bytes, words: str
) -> None:
    assert register(monkeypatch, sent) == 2

    error = capsys.readouterr().err
    assert words in error
    assert PASSWORD not in error
