"""The command that serves."""

import runpy

import pytest
import uvicorn


def test_it_serves_with_the_settings_of_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    served: dict[str, object] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **settings: served.update(settings, app=app))
    monkeypatch.setenv("PORT", "8123")
    # % if rate_limit
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.0.0.0/8")
    # % endif

    runpy.run_module("app", run_name="__main__")

    assert served["app"] == "app.main:create_app"
    assert served["port"] == 8123
    # % if rate_limit
    assert served["forwarded_allow_ips"] == "10.0.0.0/8"  # from `.env`, too, which uvicorn itself doesn't read
    # % endif
