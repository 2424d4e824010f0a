"""The command that serves."""

import gc
import runpy

import pytest
import uvicorn

from app.main import create_served_app


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


def test_collections_pass_over_what_stays() -> None:
    try:
        create_served_app()

        assert gc.get_freeze_count() > len(gc.get_objects())
    finally:
        gc.unfreeze()
