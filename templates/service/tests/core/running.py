"""A worker that runs in this process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from app.core.database import DatabaseSettings
from app.core.worker import Worker

LIMIT_SECONDS = 60


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while not await condition():  # noqa: ASYNC110 - no event tells what happens in another process
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(worker: Worker, database_url: str, settings: DatabaseSettings) -> AsyncIterator[None]:
    """Run a worker until the end of the block; what it has begun is finished."""
    stop = asyncio.Event()
    working = asyncio.create_task(worker.work(database_url, settings, stop))
    try:
        yield
    finally:
        stop.set()
        await working
