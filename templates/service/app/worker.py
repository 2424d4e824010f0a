"""`python -m app.worker` runs jobs until SIGTERM or SIGINT comes; then it finishes those in progress, and ends.

Start as many as there is work for: a job goes to one worker at a time, and to another when that one dies.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import pgqueuer
from pgqueuer.models import Context
from pgqueuer.models import Job as QueuedJob
from pydantic import ValidationError
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import async_sessionmaker
from structlog.contextvars import bound_contextvars

from app.clean_up import delete_expired
from app.core.commands import service_database
from app.core.database import build_engine
from app.core.discovery import find_jobs
from app.core.jobs import Job, JobRefusedError, JobResources
from app.core.logs import configure_logging
from app.core.messages import LoggedEmails
from app.core.webhooks import WebhookSender
from app.settings import Settings

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


@asynccontextmanager
async def open_worker(
    settings: Settings, database_url: str, jobs: Sequence[type[Job]]
) -> AsyncIterator[pgqueuer.PgQueuer]:
    """Open what jobs work with, and a connection for the queue alone, on which the worker listens."""
    engine = build_engine(database_url, settings)
    try:
        async with engine.connect() as connection:
            resources = JobResources(
                sessions=async_sessionmaker(engine, expire_on_commit=False),
                emails=LoggedEmails(),
                # % if example
                webhooks=WebhookSender(),
                # % endif
            )
            listening = (await connection.get_raw_connection()).driver_connection
            worker = pgqueuer.PgQueuer(pgqueuer.AsyncpgDriver(listening))
            executor = partial(
                Executor,
                max_attempts=RETRIES,
                initial_delay=timedelta(seconds=settings.job_retry_seconds),
                max_delay=timedelta(hours=1),
            )
            for job in jobs:
                # `hold`: one that has failed for good stays in the queue, for `python -m app.failed_jobs`.
                worker.entrypoint(job.name, on_failure="hold", executor_factory=executor)(runner(job, resources))
            worker.schedule("clean-up", CLEAN_UP_AT)(lambda _schedule: delete_expired(resources.sessions))
            logger.info("worker", extra={"jobs": [job.name for job in jobs]})
            yield worker
    finally:
        await engine.dispose()


async def work(
    settings: Settings, database_url: str, jobs: Sequence[type[Job]], stop: asyncio.Event | None = None
) -> None:
    """Run jobs, also after the database was away, until told to stop.

    Args:
        settings: those of the service.
        database_url: the database, not through a pooler.
        jobs: the kinds that it runs; others stay in the queue.
        stop: tells it; without one, SIGTERM and SIGINT do.
    """
    takeover = timedelta(seconds=settings.job_takeover_seconds)
    await pgqueuer.run(
        partial(open_worker, settings, database_url, jobs),
        batch_size=settings.job_concurrency // 2,
        max_concurrent_tasks=settings.job_concurrency,
        heartbeat_timeout=takeover,
        dequeue_timeout=takeover / 6,  # so often it looks at the queue, whatever it hears
        shutdown_on_listener_failure=True,
        restart_on_failure=True,
        restart_delay=takeover / 6,
        shutdown=stop,
    )


def main() -> int:
    """Run jobs of the service's database; 2 when that can be reached through a pooler only."""
    settings = Settings()
    configure_logging(settings.log_level)
    with service_database(settings) as database_url:
        if "-pooler." in (make_url(database_url).host or ""):
            print("A worker can't listen through a pooler: set DATABASE_URL_DIRECT.", file=sys.stderr)
            return 2
        asyncio.run(work(settings, database_url, find_jobs()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
