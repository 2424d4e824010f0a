"""`python -m app` as an operator sees it: a process, its signals and its last words."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app import paths
from app.settings import API_PREFIX
from tests.service import JWT_SECRET, Service

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60
Answer = TypeVar("Answer")
RUNNING = re.compile(r"Uvicorn running on (http://[\d.:]+)")


@contextmanager
def serving(log: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start the service with these settings and nothing else of the developer's; what it says goes to the log."""
    environment = {"PYTHONPATH": str(PROJECT), "PORT": "0"} | {name.upper(): said for name, said in settings.items()}
    with log.open("wb") as output:  # beside it lies no `.env`
        process = subprocess.Popen(
            [sys.executable, "-m", "app"], cwd=log.parent, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def served_by(database_url: str) -> dict[str, str]:
    """Settings for a database, with patience for a lock that is held as long as this machine is slow."""
    patience = dict.fromkeys(("database_lock_timeout_seconds", "database_statement_timeout_seconds"), "60")
    return {"database_url": database_url, "jwt_secret": JWT_SECRET, **patience}


async def eventually(condition: Callable[[], Awaitable[Answer | None]]) -> Answer:
    """Ask again and again until there is an answer."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            answer = await condition()
            if answer is not None:
                return answer
            await asyncio.sleep(0.05)


async def answers(url: str) -> bool:
    """Tell whether anybody serves here."""
    async with httpx2.AsyncClient(timeout=2) as client:
        try:
            return (await client.get(f"{url}/health/ready")).is_success
        except httpx2.TransportError:
            return False


async def address(log: Path) -> str:
    """Wait until the service says where it listens, and does."""

    async def serves() -> str | None:
        found = RUNNING.search(await asyncio.to_thread(log.read_text))
        return found[1] if found and await answers(found[1]) else None

    return await eventually(serves)


async def takes_nothing_new(url: str) -> bool:
    """Wait until nobody answers any more."""

    async def silent() -> bool | None:
        return None if await answers(url) else True

    return await eventually(silent)


@asynccontextmanager
async def users_locked(engine: AsyncEngine) -> AsyncIterator[None]:
    """Hold a lock that every log-in has to wait for."""
    async with engine.begin() as connection:
        await connection.execute(text("LOCK TABLE users IN ACCESS EXCLUSIVE MODE"))
        yield


async def somebody_waits(engine: AsyncEngine) -> None:
    """Wait until a statement waits for a lock of this database."""
    waiting = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        " WHERE datname = current_database() AND NOT granted"
    )

    async def waits() -> int | None:
        async with engine.connect() as connection:
            return await connection.scalar(waiting) or None

    await eventually(waits)


async def end(process: subprocess.Popen[bytes]) -> None:
    """Wait until the process is gone."""
    await asyncio.to_thread(process.wait, PATIENCE_SECONDS)


async def test_several_processes_may_migrate_at_their_start(empty_database_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving(log, **served_by(empty_database_url), migrate_at_start="true", workers="2") as process:
        async with httpx2.AsyncClient(base_url=await address(log) + API_PREFIX, timeout=PATIENCE_SECONDS) as client:
            nobody = await client.get(paths.ME)
        process.terminate()
        await end(process)

    assert nobody.status_code == 401
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_on_sigterm_what_is_in_flight_is_finished_and_nothing_new_taken(
    service: Service, database_url: str, tmp_path: Path, workers: str
) -> None:
    log, engine = tmp_path / "log", service.resources.engine
    await service.new_account()
    with serving(log, **served_by(database_url), workers=workers) as process:
        url = await address(log)
        async with httpx2.AsyncClient(base_url=url + API_PREFIX, timeout=PATIENCE_SECONDS) as client:
            async with users_locked(engine):
                logging_in = asyncio.create_task(Service(service.app, client).log_in())
                await somebody_waits(engine)
                process.send_signal(signal.SIGTERM)
                assert await takes_nothing_new(url)
            response = await logging_in
        await end(process)

    assert response.status_code == 200


async def test_what_takes_longer_than_the_limit_is_dropped_whole(
    service: Service, database_url: str, tmp_path: Path
) -> None:
    log, engine = tmp_path / "log", service.resources.engine
    await service.new_account()
    with serving(log, **served_by(database_url), shutdown_seconds="1") as process:
        url = await address(log)
        async with httpx2.AsyncClient(base_url=url + API_PREFIX, timeout=PATIENCE_SECONDS) as client:
            async with users_locked(engine):
                logging_in = asyncio.create_task(Service(service.app, client).log_in())
                await somebody_waits(engine)
                process.send_signal(signal.SIGTERM)
                await end(process)
            (answer,) = await asyncio.gather(logging_in, return_exceptions=True)

    assert isinstance(answer, httpx2.TransportError) or (
        isinstance(answer, httpx2.Response) and answer.status_code >= 500
    )
