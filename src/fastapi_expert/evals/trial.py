"""What a grader works with: the project, its service running, a client of it, and the database behind it.

A grader is a module of functions `async def check_NAME(trial: Trial)`, tried one after the other on one running
service. The docstring of each is the sentence that a good result makes true; an exception says that it does not.
`prepare(trial)` runs before the service is started, `seed(trial)` when it has.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import socket
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

START_SECONDS = 30
STOP_SECONDS = 3
ANSWER_SECONDS = 10
LOG_SHOWN = 400
LOG_TURNS = 30  # of a tenth of a second
MEET_TURNS = 60
MEETING = 10  # requests; a pool has hardly more connections
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class NotStartedError(AssertionError):
    """The service ended, or did not listen in time."""


@dataclass
class Service:
    """A running process of the project."""

    process: asyncio.subprocess.Process
    client: httpx2.AsyncClient
    log_file: Path

    @property
    def log(self) -> str:
        """What it has printed so far."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    async def logs(self, text: str) -> bool:
        """Tell whether it prints the text, which may come a moment after the answer."""
        for _ in range(LOG_TURNS):
            if text in self.log:
                return True
            await asyncio.sleep(0.1)
        return False

    async def stop(self) -> int:
        """End it as a deployment does, with SIGTERM, and give the exit code."""
        if self.process.returncode is None:
            self.process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                return await self.process.wait()
        except TimeoutError:
            self.process.kill()
            return await self.process.wait()


@dataclass
class Finished:
    """A command that has ended: its exit code and all that it printed."""

    code: int
    output: str


@dataclass
class Trial:
    """One result on trial.

    Attributes:
        project: the folder that the assistant left behind.
        python: the interpreter with the project's packages.
        serve: what `python -m` runs to start it.
        environment: the variables that it is started with.
        database: a connection to its database, past any pooler.
        scratch: a folder for logs.
        valkey: the Valkey that it counts in, where it needs one.
    """

    project: Path
    python: str
    serve: str | None
    environment: Mapping[str, str]
    database: asyncpg.Connection
    scratch: Path
    valkey: Any = None
    services: list[Service] = field(default_factory=list)

    @property
    def service(self) -> Service:
        """The service that all checks share."""
        return self.services[0]

    @property
    def client(self) -> httpx2.AsyncClient:
        """A client of it."""
        return self.service.client

    def files(self, pattern: str) -> list[Path]:
        """The project's own files of a form: what a folder with a dot holds is a tool's, or an installed pack's."""
        found = (path.relative_to(self.project) for path in self.project.rglob(pattern))
        return [self.project / path for path in found if not any(part.startswith(".") for part in path.parts)]

    async def rows(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        """Ask the database itself."""
        return [dict(row) for row in await self.database.fetch(query, *arguments)]

    async def value(self, query: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the column holds
        """Ask the database for one value."""
        return await self.database.fetchval(query, *arguments)

    async def meet(self, table: str, requests: Sequence[Awaitable[httpx2.Response]]) -> list[httpx2.Response]:
        """Send the requests so that they meet: nobody writes to the table before all of them wait for it.

        Reading goes on meanwhile, so whoever looks before it writes has looked in vain.
        """
        async with self.database.transaction():
            await self.database.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
            sent = [asyncio.ensure_future(request) for request in requests]
            for _ in range(MEET_TURNS):
                await asyncio.sleep(0.1)
                await self.database.execute("SELECT pg_stat_clear_snapshot()")
                if all(each.done() for each in sent) or await self.value(WAITING) >= min(len(sent), MEETING):
                    break
        return list(await asyncio.gather(*sent))

    async def run(self, *arguments: str, seconds: float = 60, **environment: str) -> Finished:
        """Run `python ARGUMENTS` in the project."""
        process = await asyncio.create_subprocess_exec(
            self.python,
            *arguments,
            cwd=self.project,
            env={**self.environment, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(seconds):
                output, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            raise AssertionError(f"`python {shlex.join(arguments)}` was not done in {seconds:.0f} s") from None
        return Finished(process.returncode or 0, output.decode(errors="replace"))

    @asynccontextmanager
    async def another_service(self, **environment: str) -> AsyncIterator[Service]:
        """Start one more process of the project, with these variables changed.

        Raises:
            NotStartedError: it ended, or did not listen in time.
        """
        if self.serve is None:
            raise RuntimeError("this case has no `serve`")
        port = free_port()
        log_file = self.scratch / f"service-{port}.log"
        with log_file.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                self.python,
                "-m",
                *shlex.split(self.serve),
                *("--host", "127.0.0.1", "--port", str(port)),
                cwd=self.project,
                env={**self.environment, **environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
            )
        # A connection for each request: uvicorn cuts the one that an unforeseen error was answered on.
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=ANSWER_SECONDS, limits=limits
        ) as client:
            service = Service(process, client, log_file)
            try:
                await _wait_until_it_listens(service, port)
                yield service
            finally:
                await service.stop()


async def _wait_until_it_listens(service: Service, port: int) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            while service.process.returncode is None:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    return
    except TimeoutError:
        raise NotStartedError(f"the service did not listen within {START_SECONDS} s") from None
    raise NotStartedError(f"the service did not start: …{service.log.strip()[-LOG_SHOWN:]}")


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def expect(answer: httpx2.Response, *wanted: int) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Give the body of an answer that has one of the statuses; an empty one is None."""
    request = f"{answer.request.method} {answer.request.url.raw_path.decode()}"
    if answer.status_code not in wanted:
        raise AssertionError(
            f"{request} answered {answer.status_code}, not {' or '.join(map(str, wanted))}: {answer.text[:200]}"
        )
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError:
        return answer.text


def statuses(answers: Sequence[httpx2.Response]) -> list[int]:
    """The statuses of several answers, sorted."""
    return sorted(answer.status_code for answer in answers)


def raw_json(value: object) -> dict[str, Any]:
    """The arguments that send a value as JSON though `json=` would refuse it: NaN, half a surrogate pair."""
    return {"content": json.dumps(value).encode(), "headers": {"Content-Type": "application/json"}}
