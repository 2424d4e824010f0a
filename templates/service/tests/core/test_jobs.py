"""Jobs: they come and go with the data, are tried again, and are never lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import pytest
import pytest_asyncio
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.database import DatabaseSettings, build_engine
from app.core.jobs import Job, JobQueue, JobRefusedError, JobResources
from app.core.worker import Worker
from tests.core.proxy import DatabaseProxy
from tests.core.running import running, until

pytestmark = pytest.mark.asyncio


class Recorded(Job):
    """A job that remembers how it was run. The first runs fail, as many as it says."""

    name: ClassVar[str] = "tests.recorded"
    runs: ClassVar[list[int]] = []
    running: ClassVar[list[int]] = []

    number: int = 0
    failures: int = 0

    async def run(self, _resources: JobResources) -> None:
        assert self.number not in self.running
        self.runs.append(self.number)
        if self.runs.count(self.number) <= self.failures:
            raise ConnectionError("not this time")
        self.running.append(self.number)
        await asyncio.sleep(0.01)
        self.running.remove(self.number)


class Refused(Job):
    """A job that can't succeed."""

    name: ClassVar[str] = "tests.refused"

    async def run(self, _resources: JobResources) -> None:
        raise JobRefusedError("never")


@pytest.fixture(autouse=True)
def nothing_run() -> None:
    """Forget the runs of other tests."""
    Recorded.runs.clear()


@dataclass(frozen=True)
class Queue:
    """A database with a queue, and what makes sessions of it."""

    database_url: str
    sessions: async_sessionmaker[AsyncSession]

    async def enqueue(self, *jobs: Job) -> None:
        """Enqueue jobs and commit."""
        async with self.sessions.begin() as session:
            await JobQueue(session).enqueue(jobs)

    async def count(self, condition: str = "true") -> int:
        """Count the jobs in it."""
        async with self.sessions() as session:
            statement = text(f"SELECT count(*) FROM pgqueuer WHERE {condition}")  # noqa: S608 - words of the tests
            return int(await session.scalar(statement) or 0)

    async def is_empty(self) -> bool:
        """Whether all jobs are done."""
        return await self.count() == 0

    async def run_all(self, *jobs: type[Job]) -> None:
        """Run everything that waits in the queue, to its success or its end."""

        async def all_done() -> bool:
            return await self.count("status <> 'failed'") == 0

        async with running(worker(*jobs), self.database_url, DatabaseSettings()):
            await until(all_done)


def worker(*jobs: type[Job], takeover_seconds: float = 30) -> Worker:
    """Make a worker that is quick to retry; these jobs need no resources."""
    nothing = cast("JobResources", None)
    return Worker(jobs, lambda _sessions: nothing, takeover_seconds=takeover_seconds, retry_seconds=0.001)


@pytest_asyncio.fixture
async def queue(empty_database_url: str) -> AsyncIterator[Queue]:
    """An empty queue, and a table beside it."""
    engine = build_engine(empty_database_url, DatabaseSettings())
    async with engine.begin() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute(QueryBuilderEnvironment().build_install_query())
        await connection.execute(text("CREATE TABLE notes (note text)"))
    yield Queue(empty_database_url, async_sessionmaker(engine, expire_on_commit=False))
    await engine.dispose()


@pytest.mark.parametrize("written_before", [False, True], ids=["as its first statement", "after another"])
async def test_a_transaction_that_is_rolled_back_leaves_no_job(queue: Queue, written_before: bool) -> None:
    async with queue.sessions() as session:
        if written_before:
            await session.execute(text("INSERT INTO notes VALUES ('any')"))
        await JobQueue(session).enqueue([Recorded()])
        await session.rollback()

    assert await queue.is_empty()


async def test_a_committed_job_is_run_once(queue: Queue) -> None:
    await queue.enqueue(Recorded(number=7))

    await queue.run_all(Recorded)

    assert Recorded.runs == [7]
    assert await queue.is_empty()


async def test_a_worker_hears_of_new_jobs(queue: Queue) -> None:
    async def done() -> bool:
        return Recorded.runs == [1]

    async with running(worker(Recorded), queue.database_url, DatabaseSettings()):
        await queue.enqueue(Recorded(number=1))
        await until(done)


async def test_a_job_that_fails_is_tried_until_it_succeeds(queue: Queue) -> None:
    await queue.enqueue(Recorded(failures=3))

    await queue.run_all(Recorded)

    assert len(Recorded.runs) == 4
    assert await queue.is_empty()


async def test_a_job_that_never_succeeds_is_kept_as_failed(queue: Queue) -> None:
    await queue.enqueue(Recorded(failures=1000))

    await queue.run_all(Recorded)

    assert len(Recorded.runs) == 9
    assert await queue.count("status = 'failed' AND attempts = 8") == 1


async def test_a_job_that_can_not_succeed_is_not_tried_again(queue: Queue) -> None:
    await queue.enqueue(Refused(), Recorded())
    async with queue.sessions.begin() as session:
        await session.execute(text("UPDATE pgqueuer SET payload = '{}{' WHERE entrypoint = 'tests.recorded'"))

    await queue.run_all(Refused, Recorded)

    assert await queue.count("status = 'failed' AND attempts = 0") == 2


async def test_two_workers_share_the_jobs_and_run_none_twice(queue: Queue) -> None:
    settings = DatabaseSettings()
    async with (
        running(worker(Recorded), queue.database_url, settings),
        running(worker(Recorded), queue.database_url, settings),
    ):
        await queue.enqueue(*(Recorded(number=number) for number in range(40)))
        await until(queue.is_empty)

    assert sorted(Recorded.runs) == list(range(40))


async def test_a_worker_survives_the_loss_of_the_database(queue: Queue) -> None:
    async def done() -> bool:
        return Recorded.runs == [1, 2]

    proxy = DatabaseProxy(queue.database_url)
    await proxy.mend()
    async with running(worker(Recorded, takeover_seconds=0.6), proxy.url, DatabaseSettings()):
        await queue.enqueue(Recorded(number=1))
        await until(queue.is_empty)

        await proxy.cut()
        await queue.enqueue(Recorded(number=2))
        await proxy.mend()

        await until(done)
    await proxy.cut()
