"""The worker as a process: told to stop, killed, and beside the service in local mode."""

import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core.jobs import JobQueue
from app.domains.users.jobs import WelcomeUser
from app.settings import Settings
from app.worker import main
from tests.core.running import until
from tests.service import ADA, EVE, Service, run_service
from tests.worker import count, line_with, running_worker, worker_process


@pytest.fixture
def environment(database_url: str) -> dict[str, str]:
    """Point workers at the tests' database."""
    return {"DATABASE_URL": database_url, "DATABASE_URL_DIRECT": database_url, "JOB_TAKEOVER_SECONDS": "1"}


# % if welcome
async def enqueue_welcome(service: Service, login: str) -> None:
    """Leave behind what a registration leaves."""
    account = await service.new_account(login)
    async with service.resources.sessions.begin() as session:
        await JobQueue(session).enqueue([WelcomeUser(user_id=account.id)])


@asynccontextmanager
async def jobs_held_up(service: Service) -> AsyncIterator[None]:
    """Let no job get to its end meanwhile: each waits for the table in which it looks what has been sent."""
    async with service.resources.engine.begin() as connection:
        await connection.execute(text("LOCK TABLE deliveries"))
        yield


async def test_a_worker_that_is_told_to_stop_finishes_its_job(service: Service, environment: dict[str, str]) -> None:
    async def picked() -> bool:
        return await count(service, "pgqueuer WHERE status = 'picked'") == 1

    async with worker_process(environment) as worker:
        async with jobs_held_up(service):
            await enqueue_welcome(service, ADA)
            await until(picked)
            worker.send_signal(signal.SIGTERM)
            await line_with(worker, "shutting down")
            await enqueue_welcome(service, EVE)
        await line_with(worker, ADA)
        assert await worker.wait() == 0

    assert (await count(service, "deliveries"), await count(service, "pgqueuer")) == (1, 1)


async def test_the_job_of_a_worker_that_is_killed_is_run_by_another(
    service: Service, environment: dict[str, str]
) -> None:
    async def picked() -> bool:
        return await count(service, "pgqueuer WHERE status = 'picked'") == 1

    async def done() -> bool:
        return await count(service, "pgqueuer") == 0

    async with worker_process(environment) as worker, jobs_held_up(service):
        await enqueue_welcome(service, ADA)
        await until(picked)
        worker.kill()
        await worker.wait()
    assert (await count(service, "deliveries"), await count(service, "pgqueuer")) == (0, 1)

    async with running_worker(environment["DATABASE_URL"], takeover_seconds=0.6):
        await until(done)

    assert await count(service, "deliveries") == 1


@pytest.fixture
def directory() -> Iterator[Path]:
    """A folder in this project, which PostgreSQL can enter, with nobody's `.env` in it."""
    directory = Path(".data").absolute() / f"test_worker_{os.getpid()}"
    directory.mkdir(parents=True)
    yield directory
    shutil.rmtree(directory)


async def test_in_local_mode_it_works_for_the_service_beside_it(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"DATABASE_URL": "", "DATABASE_URL_DIRECT": "", "DATA_DIRECTORY": str(directory)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(Settings.model_config, "env_file", None)

    async with worker_process(environment, directory) as worker:
        async with run_service(Settings()) as service:
            await enqueue_welcome(service, ADA)
            await line_with(worker, ADA)
        worker.send_signal(signal.SIGINT)
        assert await worker.wait() == 0


# % endif
def test_a_pooler_through_which_it_would_hear_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.delenv("DATABASE_URL_DIRECT", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:secret@ep-cool-1-pooler.eu.aws.neon.tech/shop")
    monkeypatch.setenv("JWT_SECRET", "k" * 32)

    assert main() == 2
    assert capsys.readouterr().err == "A worker can't listen through a pooler: set DATABASE_URL_DIRECT.\n"
