"""Rate limits, counted for all processes in the Valkey or Redis that `VALKEY_URL` names; without one, in each alone."""

import logging
import math
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from functools import cache
from ipaddress import IPv6Address, IPv6Network, ip_address

from fastapi import Request
from limits import RateLimitItem, parse
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string
from pydantic import SecretStr
from valkey.asyncio import ConnectionPool
from valkey.exceptions import ValkeyError

from app.core.errors import TooManyRequestsError

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.5
parsed = cache(parse)


@asynccontextmanager
async def open_limiter(valkey_url: SecretStr | None) -> AsyncIterator[SlidingWindowCounterRateLimiter]:
    """Choose where the hits are counted, and close the connections to it at the end.

    The lifespan keeps what this gives as `app.state.limiter`.
    """
    if valkey_url is None:
        logger.warning("VALKEY_URL is not set: rate limits count in each process for itself")
        yield SlidingWindowCounterRateLimiter(storage_from_string("async+memory://"))
        return
    # Valkey's client speaks to a Redis as well, and wants its own scheme.
    url = re.sub("^redis", "valkey", valkey_url.get_secret_value())
    pool = ConnectionPool.from_url(url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)
    async with aclosing(pool):
        storage = storage_from_string("async+valkey://", connection_pool=pool)  # type: ignore[arg-type]
        yield SlidingWindowCounterRateLimiter(storage)


def limited(name: str, limit: Callable[[Request], str]) -> Callable[[Request], Coroutine[None, None, None]]:
    """Make a dependency that refuses what a client asks beyond a limit.

    Args:
        name: what is limited; routes that share it share the count.
        limit: gives the limit, such as `10/minute`.
    """

    async def refuse_more(request: Request) -> None:
        item = parsed(limit(request))
        wait = await _seconds_to_wait(request.app.state.limiter, item, name, _client(request))
        if wait is not None:
            raise TooManyRequestsError(wait)

    return refuse_more


def _client(request: Request) -> str:
    # Behind a proxy, uvicorn puts the real client here if FORWARDED_ALLOW_IPS names the proxy, and only then.
    host = request.client.host if request.client else "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    # A subscriber is given 2**64 addresses of version 6 at the least (RFC 6177): all of them are one client.
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


async def _seconds_to_wait(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, name: str, client: str
) -> int | None:
    try:
        if await limiter.hit(item, name, client):
            return None
        window = await limiter.get_window_stats(item, name, client)
    except (ValkeyError, OSError):
        logger.exception("rate limit %r is not counted", name)  # a lost counter must not stop the service
        return None
    return max(1, math.ceil(window.reset_time - time.time()))
