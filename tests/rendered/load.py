"""Clients that send one request after another, and remember what the service has acknowledged."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self

import httpx2

PATIENCE_SECONDS = 60  # for what must happen in the end; a hang is a failure, slowness is none


class Load:
    """Requests from several clients at once, from the beginning of the block to its end.

    Attributes:
        acknowledged: what `kept` makes of each answer that acknowledges, in their order.
        answers: how often each status came.
        cut: how many requests got no answer.
    """

    def __init__(
        self,
        send: Callable[[], Awaitable[httpx2.Response]],
        kept: Callable[[httpx2.Response], str],
        clients: int = 16,
    ) -> None:
        """Prepare requests, each made by `send`."""
        self._send = send
        self._kept = kept
        self._clients = clients
        self._going_on = True
        self._wanted = 0
        self._reached = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.acknowledged: list[str] = []
        self.answers: Counter[int] = Counter()
        self.cut = 0

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._go_on()) for _ in range(self._clients)]
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._going_on = False
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*self._tasks)

    @property
    def requests(self) -> int:
        """How many were sent and came to an end."""
        return self.answers.total() + self.cut

    async def more(self, number: int) -> None:
        """Wait until as many more requests are acknowledged."""
        self._reached.clear()
        self._wanted = len(self.acknowledged) + number
        waiting: list[Coroutine[Any, Any, Any]] = [self._reached.wait()]
        done, _ = await asyncio.wait(
            [*map(asyncio.create_task, waiting), *self._tasks],
            timeout=PATIENCE_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        for task in done:
            task.result()  # what broke a client breaks the test
        assert self._reached.is_set(), f"{len(self.acknowledged)} of {self._wanted} acknowledged: {self.answers}"

    async def _go_on(self) -> None:
        while self._going_on:
            try:
                response = await self._send()
            except httpx2.TransportError:
                self.cut += 1
                await asyncio.sleep(0.05)
                continue
            self.answers[response.status_code] += 1
            if response.is_success:
                self.acknowledged.append(self._kept(response))
                if len(self.acknowledged) >= self._wanted:
                    self._reached.set()
            else:
                await asyncio.sleep(0.05)
