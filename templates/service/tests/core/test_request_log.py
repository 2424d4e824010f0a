"""Request ids and log lines."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI

from app import paths
from app.core.passwords import PasswordHasher
from app.core.request_log import RequestLogMiddleware
from tests.service import Service

SECRET = "hunter2 hunter2 hunter2"


async def test_a_request_is_one_line_of_json(service: Service, log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    response = await service.client.get("http://test/health/live", headers={"X-Request-ID": "from-the-proxy.1"})

    assert response.headers["x-request-id"] == "from-the-proxy.1"
    (line,) = log_lines()
    assert line.pop("milliseconds") >= 0
    assert {name: line[name] for name in line.keys() - {"timestamp", "span_id", "trace_id"}} == {
        "event": "request",
        "level": "info",
        "logger": "app.core.request_log",
        "request_id": "from-the-proxy.1",
        "method": "GET",
        "route": "/health/live",
        "path": "/health/live",
        "status": 200,
        "client": "127.0.0.1",
    }


async def test_the_route_is_the_template_wherever_the_router_is_included(
    service: Service, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    app = FastAPI()
    router = APIRouter()
    router.add_api_route("/things/{thing_id}", lambda thing_id: thing_id)
    for version in ("/v1", "/v2"):
        app.include_router(router, prefix=version)
    app.add_middleware(RequestLogMiddleware, routes=app.routes)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        for path in ("/v1/things/7", "/v2/things/7", "/nowhere/7"):
            await client.get(path)
        await client.delete("/v2/things/7")

    assert [(line["route"], line["path"], line["status"]) for line in log_lines()] == [
        ("/v1/things/{thing_id}", "/v1/things/7", 200),
        ("/v2/things/{thing_id}", "/v2/things/7", 200),
        (None, "/nowhere/7", 404),
        ("/v2/things/{thing_id}", "/v2/things/7", 405),
    ]


async def test_no_value_of_a_query_is_logged(service: Service, log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    for path in ("http://test/health/live", "/nowhere", paths.ME):
        await service.client.get(path, params={"token": SECRET})

    lines = log_lines()
    assert len(lines) == 3
    assert "hunter2" not in str(lines)


@pytest.mark.parametrize("offered", ["", "x" * 65, "a b", 'forged"}'])
async def test_an_id_that_could_forge_a_log_line_is_replaced(service: Service, offered: str) -> None:
    response = await service.client.get("http://test/health/live", headers={"X-Request-ID": offered})

    assert len(response.headers["x-request-id"]) == 32


async def test_secrets_are_not_logged(service: Service, log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    await service.new_account(password=SECRET)
    # % if registration
    await service.register(password=SECRET)
    # % endif
    await service.log_in(password=SECRET)

    lines = log_lines()
    assert lines[-1]["status"] == 200
    assert SECRET not in str(lines)


async def test_not_even_an_unforeseen_error_logs_a_secret(
    service: Service, log_lines: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_hasher: PasswordHasher, password: str, password_hash: str | None) -> bool:
        raise RuntimeError("boom")

    monkeypatch.setattr(PasswordHasher, "verify", fail)
    response = await service.log_in(password=SECRET)

    lines = log_lines()
    assert response.status_code == 500
    assert "boom" in str(lines)
    assert "hunter2" not in str(lines)
