"""Browsers on other origins."""

from collections.abc import AsyncIterator

import pytest

from app import paths
from tests.service import Service, run_service, settings_for

FRIEND = "https://shop.example.com"


@pytest.fixture
async def open_service(service: Service, database_url: str) -> AsyncIterator[Service]:
    """The service with one origin allowed."""
    async with run_service(settings_for(database_url, cors_origins=f"{FRIEND}/, https://b.example.com")) as running:
        yield running


async def test_an_allowed_origin_may_ask_and_read_errors_too(open_service: Service) -> None:
    preflight = await open_service.client.options(
        paths.LOGIN,
        headers={
            "Origin": FRIEND,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "Authorization, Content-Type",
        },
    )
    refused = await open_service.client.get(paths.ME, headers={"Origin": FRIEND})

    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, FRIEND)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, FRIEND)
    assert "access-control-allow-credentials" not in refused.headers


async def test_even_an_unforeseen_error_reaches_the_browser(
    open_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_service.app.state, "sessions", None)

    response = await open_service.client.get("http://test/health/ready", headers={"Origin": FRIEND})

    assert (response.status_code, response.headers["access-control-allow-origin"]) == (500, FRIEND)


async def test_another_origin_gets_no_permission(open_service: Service) -> None:
    response = await open_service.client.get("http://test/health/live", headers={"Origin": "https://evil.example"})

    assert "access-control-allow-origin" not in response.headers


async def test_by_default_no_origin_is_allowed(service: Service) -> None:
    response = await service.client.get("http://test/health/live", headers={"Origin": FRIEND})

    assert "access-control-allow-origin" not in response.headers
