"""Workers as the tests see them: in this process, and as processes of their own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text

from app.core.discovery import find_jobs
from app.core.jobs import Job
from app.worker import worker_for
from tests.core.running import LIMIT_SECONDS, running, until
from tests.service import JWT_SECRET, Service, settings_for

ROOT = Path(__file__).parent.parent


async def count(service: Service, rows: str) -> int:
    """Count rows, named by what follows FROM."""
    async with service.resources.sessions() as session:
        number = await session.scalar(text(f"SELECT count(*) FROM {rows}"))  # noqa: S608 - words of the tests
    assert isinstance(number, int)
    return number


@asynccontextmanager
async def running_worker(
    database_url: str, jobs: Sequence[type[Job]] | None = None, takeover_seconds: float = 30
) -> AsyncIterator[None]:
    """Run a worker in this process, which is quick to retry, and to take over if it is told so."""
    settings = settings_for(database_url, job_takeover_seconds=takeover_seconds, job_retry_seconds=0.001)
    async with running(worker_for(settings, find_jobs() if jobs is None else jobs), database_url, settings):
        yield


async def run_jobs(service: Service, jobs: Sequence[type[Job]] | None = None) -> None:
    """Run everything that waits in the queue, the time for it come or not."""
    async with service.resources.engine.begin() as connection:
        await connection.execute(text("UPDATE pgqueuer SET execute_after = now() WHERE status = 'queued'"))

    async def all_done() -> bool:
        return await count(service, "pgqueuer WHERE status <> 'failed'") == 0

    database_url = service.resources.settings.database_url
    assert database_url is not None
    async with running_worker(database_url.get_secret_value(), jobs):
        await until(all_done)


@asynccontextmanager
async def worker_process(
    environment: Mapping[str, str], directory: Path = ROOT
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m app.worker`, and kill it at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.worker"),
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT), "JWT_SECRET": JWT_SECRET, **environment},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_with(process: asyncio.subprocess.Process, words: str) -> str:
    """Read what a process says, up to the line that holds these words."""
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT_SECONDS):
        async for line in process.stdout:
            if words in line.decode():
                return line.decode()
    raise AssertionError(f"the process ended without saying {words!r}")
