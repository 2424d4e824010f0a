"""The command that serves."""

import gc
import runpy
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Message

from app.main import create_app, create_served_app
from tests.service import settings_for


def test_it_serves_with_the_settings_of_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    served: dict[str, object] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **settings: served.update(settings, app=app))
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.0.0.0/8")

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("app", run_name="__main__")

    assert ended.value.code == 0
    assert served["app"] == "app.main:create_served_app"
    assert served["port"] == 8123
    assert served["forwarded_allow_ips"] == "10.0.0.0/8"  # from `.env`, too, which uvicorn itself doesn't read


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"WORKERS": "2"}, "WORKERS must be 1 as long as DATABASE_URL is not set: local mode is one process"),
        ({"DATABASE_URL": "postgresql://ada:hunter2@db/shop"}, "JWT_SECRET must be set"),
        ({"PORT": "hunter2"}, "PORT: Input should be a valid integer"),
    ],
    ids=["workers without a database", "database without a key", "no number"],
)
def test_wrong_settings_are_one_line_without_the_values(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)  # where no `.env` is
    for name in ("DATABASE_URL", "DATABASE_URL_DIRECT", "JWT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("app", run_name="__main__")

    assert ended.value.code == 2
    output = capsys.readouterr()
    (line,) = (output.out + output.err).splitlines()
    assert line.startswith(said)
    assert "hunter2" not in line


async def test_every_middleware_lets_pass_how_a_server_starts_and_stops_it(database_url: str) -> None:
    sent = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    answers = []

    async def receive() -> Message:
        return sent.pop(0)

    async def send(answer: Message) -> None:
        answers.append(answer["type"])

    await create_app(settings_for(database_url))({"type": "lifespan"}, receive, send)

    assert answers == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_collections_pass_over_what_stays() -> None:
    try:
        create_served_app()

        assert gc.get_freeze_count() > len(gc.get_objects())
    finally:
        gc.unfreeze()
