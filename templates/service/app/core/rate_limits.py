"""Rate limits, counted for all processes in the Valkey or Redis that `VALKEY_URL` names; without one, in each alone."""

import logging
import math
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from functools import cache
from ipaddress import IPv6Address, IPv6Network, ip_address

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from pydantic import SecretStr
from valkey import ConnectionPool
from valkey.exceptions import ValkeyError

from app.core.errors import TooManyRequestsError

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.5
THREADS = 10  # and connections to Valkey
parsed = cache(parse)


class Limiter:
    """Counts hits, in threads: in a busy event loop Valkey's client times out, and a burst would go uncounted."""

    def __init__(self, storage: Storage) -> None:
        """Count in this storage."""
        self._strategy = MovingWindowRateLimiter(storage)  # exact: no window holds more, whenever it begins
        self._threads = CapacityLimiter(THREADS)

    async def seconds_to_wait(self, item: RateLimitItem, name: str, client: str) -> int | None:
        """Count a hit; one beyond the limit is told how long to wait."""
        return await to_thread.run_sync(self._count, item, name, client, limiter=self._threads)

    def _count(self, item: RateLimitItem, name: str, client: str) -> int | None:
        try:
            if self._strategy.hit(item, name, client):
                return None
            window = self._strategy.get_window_stats(item, name, client)
        except (ValkeyError, OSError) as error:  # a lost counter must not stop the service
            logger.warning("rate limit %r is not counted", name, extra={"reason": repr(error)})
            return None
        return max(1, math.ceil(window.reset_time - time.time()))


@asynccontextmanager
async def open_limiter(valkey_url: SecretStr | None) -> AsyncIterator[Limiter]:
    """Choose where the hits are counted, and close the connections to it at the end.

    The lifespan keeps what this gives as `app.state.limiter`.
    """
    if valkey_url is None:
        logger.warning("VALKEY_URL is not set: rate limits count in each process for itself")
        yield Limiter(storage_from_string("memory://"))  # type: ignore[arg-type]  # it could be an asynchronous one
        return
    # Valkey's client speaks to a Redis as well, and wants its own scheme.
    url = re.sub("^redis", "valkey", valkey_url.get_secret_value())
    patience = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    pool = ConnectionPool.from_url(url, **patience)  # type: ignore[no-untyped-call]
    with closing(pool):
        yield Limiter(storage_from_string("valkey://", connection_pool=pool))  # type: ignore[arg-type]


def limited(name: str, limit: Callable[[Request], str]) -> Callable[[Request], Coroutine[None, None, None]]:
    """Make a dependency that refuses what a client asks beyond a limit.

    Args:
        name: what is limited; routes that share it share the count.
        limit: gives the limit, such as `10/minute`.
    """

    async def refuse_more(request: Request) -> None:
        item = parsed(limit(request))
        wait = await request.app.state.limiter.seconds_to_wait(item, name, _client(request))
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
