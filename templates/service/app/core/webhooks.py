# % if example
"""Calls to URLs that users name. They must not reach what only this server can reach (OWASP, SSRF Prevention)."""

import asyncio
import json
import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

import anyio
import httpcore2

from app.core.jobs import JobRefusedError
from app.core.messages import WebhookCall

PATIENCE_SECONDS = 10
MAY_PASS = {408, 425, 429}  # of the statuses below 500: too slow, too early, too often

IPAddress = IPv4Address | IPv6Address


class WebhookFailedError(Exception):
    """The receiver did not take the call this time."""


def is_public(address: IPAddress) -> bool:
    """Tell whether everybody on the internet means the same by this address, and can reach it."""
    return address.is_global and not address.is_multicast


class CheckedBackend(httpcore2.AnyIOBackend):
    """Opens connections to allowed addresses only, and to the very address that it looked at.

    A look at the URL beforehand proves nothing: a name can stand for another address a moment later.
    """

    def __init__(self, allowed: Callable[[IPAddress], bool]) -> None:
        self._allowed = allowed

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect, if every address of the host is allowed."""
        found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [ip_address(sockaddr[0]) for *_, sockaddr in found]
        if not all(self._allowed(address) for address in addresses):
            raise JobRefusedError("the URL leads to an address that is not public")
        return await super().connect_tcp(str(addresses[0]), port, timeout, local_address, socket_options)


class WebhookSender:
    """Sends webhooks. Follows no redirect and reads no answer but its status."""

    def __init__(self, allowed: Callable[[IPAddress], bool] = is_public) -> None:
        """Decide by `allowed` where a call may go."""
        self._backend = CheckedBackend(allowed)

    async def send(self, message: WebhookCall, key: str) -> None:
        """POST the body, with the key as `Idempotency-Key`.

        Raises:
            JobRefusedError: the address is not allowed, or the receiver refuses the call.
            WebhookFailedError: the receiver has trouble, which may pass.
        """
        headers = [("Content-Type", "application/json"), ("Idempotency-Key", key)]
        content = json.dumps(message.body).encode()
        async with (
            asyncio.timeout(PATIENCE_SECONDS),
            httpcore2.AsyncConnectionPool(network_backend=self._backend) as connections,
            connections.stream("POST", message.url, headers=headers, content=content) as response,
        ):
            status = response.status
        if status >= 500 or status in MAY_PASS:
            raise WebhookFailedError(f"the receiver answered {status}")
        if not 200 <= status < 300:
            raise JobRefusedError(f"the receiver answered {status}")


# % endif
