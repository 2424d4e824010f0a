"""Bodies that are too large."""

from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter

from tests.service import Service, run_service, settings_for

JSON = {"Content-Type": "application/json"}

scales = APIRouter()


@scales.post("/scales")
async def weigh(body: dict[str, int]) -> int:
    """Take a body."""
    return len(body)


@pytest.fixture
async def weighing(service: Service, database_url: str) -> AsyncIterator[Service]:
    """The service with a route that takes any JSON."""
    async with run_service(settings_for(database_url)) as running:
        running.app.include_router(scales)
        yield running


async def test_a_declared_size_is_refused_before_anything_is_read(weighing: Service) -> None:
    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    response = await weighing.client.post(
        "http://test/scales", content=body(), headers=JSON | {"Content-Length": "100000000"}
    )

    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


async def test_an_undeclared_size_is_refused_when_it_is_reached(weighing: Service) -> None:
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1600):
            sent += 65536
            yield b" " * 65536

    response = await weighing.client.post("http://test/scales", content=body(), headers=JSON)

    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    limit = weighing.resources.settings.max_body_bytes
    assert sent <= limit + 2 * 65536


async def test_a_body_of_the_allowed_size_passes(weighing: Service) -> None:
    limit = weighing.resources.settings.max_body_bytes

    response = await weighing.client.post("http://test/scales", content=b'{"a": 1}'.ljust(limit), headers=JSON)

    assert (response.status_code, response.json()) == (200, 1)
