# % if example
"""Webhooks: where they may go, and what becomes of the answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.core.jobs import JobRefusedError
from app.core.messages import WebhookCall
from app.core.webhooks import WebhookFailedError, WebhookSender


@asynccontextmanager
async def receiver(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A web server that gives one answer; the URL of it, and what it received."""
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        received.append(head + await reader.readexactly(length))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", received


def status(line: str, headers: str = "") -> bytes:
    """An answer without a body."""
    return f"HTTP/1.1 {line}\r\n{headers}Content-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "0x7f.1", "2130706433", "0", "10.0.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "224.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1]", "[fd00::1]"),
    ],
)
async def test_what_only_this_server_can_reach_is_not_called(host: str) -> None:
    async with receiver(status("204 No Content")) as (url, received):
        with pytest.raises(JobRefusedError, match="not public"):
            await WebhookSender().send(WebhookCall(url.replace("127.0.0.1", host), {}), "key")

    assert received == []


async def test_a_call_is_a_post_of_json_with_the_key() -> None:
    async with receiver(status("204 No Content")) as (url, received):
        await WebhookSender(lambda _address: True).send(WebhookCall(url, {"title": "Übung"}), "reminder:1")

    head, _, body = received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook HTTP/1.1\r\n")
    assert b"Idempotency-Key: reminder:1" in head
    assert json.loads(body) == {"title": "Übung"}


@pytest.mark.parametrize("line", ["404 Not Found", "410 Gone", "400 Bad Request", "302 Found"])
async def test_a_receiver_that_refuses_is_not_asked_again(line: str) -> None:
    async with receiver(status(line, "Location: http://127.0.0.1:1/\r\n")) as (url, received):
        with pytest.raises(JobRefusedError, match=line[:3]):
            await WebhookSender(lambda _address: True).send(WebhookCall(url, {}), "key")

    assert len(received) == 1  # no redirect was followed


@pytest.mark.parametrize("line", ["500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests"])
async def test_trouble_at_the_receiver_may_pass(line: str) -> None:
    async with receiver(status(line)) as (url, _):
        with pytest.raises(WebhookFailedError, match=line[:3]):
            await WebhookSender(lambda _address: True).send(WebhookCall(url, {}), "key")


async def test_an_answer_without_an_end_is_not_read() -> None:
    async with receiver(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000_000) as (url, _):
        await WebhookSender(lambda _address: True).send(WebhookCall(url, {}), "key")


# % endif
