"""A worker: runs jobs until SIGTERM or SIGINT comes; then it finishes those in progress, and ends.

Start as many as there is work for: a job goes to one worker at a time, and to another when that one dies.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pgqueuer
from pgqueuer.models import Context
from pgqueuer.models import Job as QueuedJob
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from structlog.contextvars import bound_contextvars

from app.core.database import DatabaseSettings, build_engine
from app.core.jobs import Job, JobRefusedError, JobResources

logger = logging.getLogger(__name__)

RETRIES = 8  # each after twice the time: with the first after 15 seconds, the last comes after an hour
CLEAN_UP_AT = "17 3 * * *"  # every night, in UTC


class Executor(pgqueuer.DatabaseRetryEntrypointExecutor):
    """Runs a job, and again later when it fails, unless that is of no use."""

    async def execute(self, job: QueuedJob, context: Context) -> None:
        """Run it, with its name and id in every line that is logged meanwhile."""
        with bound_contextvars(job=job.entrypoint, job_id=job.id):
            try:
                await super().execute(job, context)
            except pgqueuer.RetryRequested as retry:
                if isinstance(retry.__cause__, JobRefusedError | ValidationError):
                    raise retry.__cause__ from None
                raise


def runner(job: type[Job], resources: JobResources) -> Callable[[QueuedJob], Coroutine[None, None, None]]:
    """Make what pgqueuer calls for each job of one kind."""

    async def run(queued: QueuedJob) -> None:
        await job.model_validate_json(queued.payload or b"{}").run(resources)

    return run


@dataclass(frozen=True)
class Worker:
    """What a worker does, and how patient it is.

    Attributes:
        jobs: the kinds that it runs; others stay in the queue.
        open_resources: makes what jobs work with, of what makes sessions.
        clean_up: deletes what is old, every night.
        concurrency: how many jobs it runs at a time, at least two, each with a connection.
        takeover_seconds: without a sign of life for so long, its jobs go to others.
        retry_seconds: until the first retry; each further one waits twice as long.
    """

    jobs: Sequence[type[Job]]
    open_resources: Callable[[async_sessionmaker[AsyncSession]], JobResources]
    clean_up: Callable[[async_sessionmaker[AsyncSession]], Awaitable[None]] | None = None
    concurrency: int = 10
    takeover_seconds: float = 30
    retry_seconds: float = 15

    async def work(self, database_url: str, settings: DatabaseSettings, stop: asyncio.Event | None = None) -> None:
        """Run jobs, also after the database was away, until told to stop.

        Args:
            database_url: the database, not through a pooler.
            settings: of its engine.
            stop: tells it; without one, SIGTERM and SIGINT do.
        """
        takeover = timedelta(seconds=self.takeover_seconds)
        await pgqueuer.run(
            partial(self._open, database_url, settings),
            batch_size=self.concurrency // 2,
            max_concurrent_tasks=self.concurrency,
            heartbeat_timeout=takeover,
            dequeue_timeout=takeover / 6,  # so often it looks at the queue, whatever it hears
            shutdown_on_listener_failure=True,
            restart_on_failure=True,
            restart_delay=takeover / 6,
            shutdown=stop,
        )

    @asynccontextmanager
    async def _open(self, database_url: str, settings: DatabaseSettings) -> AsyncIterator[pgqueuer.PgQueuer]:
        """Open what jobs work with, and a connection for the queue alone, on which the worker listens."""
        engine = build_engine(database_url, settings)
        try:
            async with engine.connect() as connection:
                sessions = async_sessionmaker(engine, expire_on_commit=False)
                resources = self.open_resources(sessions)
                listening = (await connection.get_raw_connection()).driver_connection
                worker = pgqueuer.PgQueuer(pgqueuer.AsyncpgDriver(listening))
                executor = partial(
                    Executor,
                    max_attempts=RETRIES,
                    initial_delay=timedelta(seconds=self.retry_seconds),
                    max_delay=timedelta(hours=1),
                )
                for job in self.jobs:
                    # `hold`: one that has failed for good stays in the queue, for somebody to look at.
                    worker.entrypoint(job.name, on_failure="hold", executor_factory=executor)(runner(job, resources))
                if self.clean_up is not None:
                    clean_up = self.clean_up
                    worker.schedule("clean-up", CLEAN_UP_AT)(lambda _schedule: clean_up(sessions))
                logger.info("worker", extra={"jobs": [job.name for job in self.jobs]})
                yield worker
        finally:
            await engine.dispose()
