"""Bodies that are too large."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

from app.core.body_limit import BodyLimitMiddleware

LIMIT = 1_000_000  # bytes
CHUNK = b" " * 65536

app = FastAPI()
app.add_middleware(BodyLimitMiddleware, max_bytes=LIMIT)


@app.post("/scales")
async def weigh(body: dict[str, int]) -> int:
    """Take a body."""
    return len(body)


def post(app: FastAPI, content: bytes | AsyncIterator[bytes], **headers: str) -> httpx2.Response:
    """Send a body, as far as it is read."""

    async def send() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
            json = {"Content-Type": "application/json"}
            return await client.post("/scales", content=content, headers=json | headers)

    return asyncio.run(send())


@pytest.mark.parametrize("declared", [str(LIMIT + 1), "9" * 5000])
def test_a_declared_size_is_refused_before_anything_is_read(declared: str) -> None:
    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    response = post(app, body(), **{"Content-Length": declared})

    assert response.status_code == 413
    assert response.headers["connection"] == "close"


def test_an_undeclared_size_is_refused_when_it_is_reached() -> None:
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1600):
            sent += len(CHUNK)
            yield CHUNK

    assert post(app, body()).status_code == 413
    assert sent <= LIMIT + 2 * len(CHUNK)


def test_a_body_of_the_allowed_size_passes() -> None:
    response = post(app, b'{"a": 1}'.ljust(LIMIT))

    assert (response.status_code, response.json()) == (200, 1)


def test_the_refusal_is_answered_as_the_application_answers_its_errors() -> None:
    blunt = FastAPI()
    blunt.add_middleware(BodyLimitMiddleware, max_bytes=1)
    blunt.add_exception_handler(HTTPException, lambda _request, _error: PlainTextResponse("no", 413))
    blunt.add_api_route("/scales", weigh, methods=["POST"])

    async def undeclared() -> AsyncIterator[bytes]:
        yield b"{}"

    assert post(blunt, b"{}").text == "no"
    assert post(blunt, undeclared()).text == "no"
