"""Settings that would be a mistake in production are refused at start."""

import pytest
from pydantic import SecretStr, ValidationError

from app.settings import Settings

URL = "postgresql://ada:hunter2@db.example.com/shop"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the developer has set."""
    for name in ("DATABASE_URL", "DATABASE_URL_DIRECT", "JWT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


def test_local_mode_needs_nothing_and_makes_a_key_of_its_own() -> None:
    first, second = Settings(), Settings()

    assert first.database_url is None
    assert first.jwt_secret != second.jwt_secret


def test_a_database_needs_a_shared_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)

    with pytest.raises(ValidationError, match="JWT_SECRET must be set"):
        Settings()


def test_a_short_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", "secret")

    with pytest.raises(ValidationError, match="jwt_secret"):
        Settings()


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("JWT_SECRET", "k" * 32)

    settings = Settings()

    assert "hunter2" not in repr(settings) + settings.model_dump_json()


def test_a_direct_connection_is_preferred_where_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("JWT_SECRET", "k" * 32)
    pooled = Settings().direct_url
    monkeypatch.setenv("DATABASE_URL_DIRECT", "postgresql://direct/shop")

    assert pooled == SecretStr(URL)
    assert Settings().direct_url == SecretStr("postgresql://direct/shop")


def test_local_mode_is_one_process() -> None:
    with pytest.raises(ValidationError, match="WORKERS must be 1"):
        Settings(workers=2)


# % if telemetry
def test_metrics_are_those_of_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("JWT_SECRET", "k" * 32)

    with pytest.raises(ValidationError, match="WORKERS must be 1"):
        Settings(workers=2, metrics=True)


# % endif
