"""Jobs: they come and go with the data, are tried again, and are never lost."""

import asyncio
from typing import ClassVar

import pytest
from sqlalchemy import text

from app.core.jobs import Job, JobQueue, JobRefusedError, JobResources
from tests.proxy import DatabaseProxy
from tests.service import Service
from tests.worker import count, run_jobs, running_worker, until


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


async def enqueue(service: Service, *jobs: Job) -> None:
    """Enqueue jobs and commit."""
    async with service.resources.sessions.begin() as session:
        await JobQueue(session).enqueue(jobs)


@pytest.mark.parametrize("written_before", [False, True], ids=["as its first statement", "after another"])
async def test_a_transaction_that_is_rolled_back_leaves_no_job(service: Service, written_before: bool) -> None:
    async with service.resources.sessions() as session:
        if written_before:
            await session.execute(text("INSERT INTO deliveries (key) VALUES ('any')"))
        await JobQueue(session).enqueue([Recorded()])
        await session.rollback()

    assert await count(service, "pgqueuer") == 0


async def test_a_committed_job_is_run_once(service: Service) -> None:
    await enqueue(service, Recorded(number=7))

    await run_jobs(service, [Recorded])

    assert Recorded.runs == [7]
    assert await count(service, "pgqueuer") == 0


async def test_a_worker_hears_of_new_jobs(service: Service, database_url: str) -> None:
    async def done() -> bool:
        return Recorded.runs == [1]

    async with running_worker(database_url, [Recorded]):
        await enqueue(service, Recorded(number=1))
        await until(done)


async def test_a_job_that_fails_is_tried_until_it_succeeds(service: Service) -> None:
    await enqueue(service, Recorded(failures=3))

    await run_jobs(service, [Recorded])

    assert len(Recorded.runs) == 4
    assert await count(service, "pgqueuer") == 0


async def test_a_job_that_never_succeeds_is_kept_as_failed(service: Service) -> None:
    await enqueue(service, Recorded(failures=1000))

    await run_jobs(service, [Recorded])

    assert len(Recorded.runs) == 9
    assert await count(service, "pgqueuer WHERE status = 'failed' AND attempts = 8") == 1


async def test_a_job_that_can_not_succeed_is_not_tried_again(service: Service) -> None:
    await enqueue(service, Refused(), Recorded())
    async with service.resources.engine.begin() as connection:
        await connection.execute(text("UPDATE pgqueuer SET payload = '{}{' WHERE entrypoint = 'tests.recorded'"))

    await run_jobs(service, [Refused, Recorded])

    assert await count(service, "pgqueuer WHERE status = 'failed' AND attempts = 0") == 2


async def test_two_workers_share_the_jobs_and_run_none_twice(service: Service, database_url: str) -> None:
    async def all_done() -> bool:
        return await count(service, "pgqueuer") == 0

    async with running_worker(database_url, [Recorded]), running_worker(database_url, [Recorded]):
        await enqueue(service, *(Recorded(number=number) for number in range(40)))
        await until(all_done)

    assert sorted(Recorded.runs) == list(range(40))


async def test_a_worker_survives_the_loss_of_the_database(service: Service, database_url: str) -> None:
    async def done() -> bool:
        return Recorded.runs == [1, 2]

    async def first_done() -> bool:
        return await count(service, "pgqueuer") == 0

    proxy = DatabaseProxy(database_url)
    await proxy.mend()
    async with running_worker(proxy.url, [Recorded], takeover_seconds=0.6):
        await enqueue(service, Recorded(number=1))
        await until(first_done)

        await proxy.cut()
        await enqueue(service, Recorded(number=2))
        await proxy.mend()

        await until(done)
    await proxy.cut()
