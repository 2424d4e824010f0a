"""`python -m app.worker` runs the jobs of all domains until it is told to stop."""

import asyncio
import sys
from collections.abc import Sequence

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.clean_up import delete_expired
from app.core.commands import service_database
from app.core.discovery import find_jobs
from app.core.jobs import Job, JobResources
from app.core.logs import configure_logging
from app.core.messages import LoggedEmails
from app.core.webhooks import WebhookSender
from app.core.worker import Worker
from app.settings import Settings


def open_resources(sessions: async_sessionmaker[AsyncSession]) -> JobResources:
    """Give what jobs work with."""
    return JobResources(
        sessions=sessions,
        emails=LoggedEmails(),
        # % if example
        webhooks=WebhookSender(),
        # % endif
    )


def worker_for(settings: Settings, jobs: Sequence[type[Job]]) -> Worker:
    """Make the worker that the settings describe."""
    return Worker(
        jobs,
        open_resources,
        clean_up=delete_expired,
        concurrency=settings.job_concurrency,
        takeover_seconds=settings.job_takeover_seconds,
        retry_seconds=settings.job_retry_seconds,
    )


def main() -> int:
    """Run jobs of the service's database; 2 when that can be reached through a pooler only."""
    settings = Settings()
    configure_logging(settings.log_level)
    with service_database(settings) as database_url:
        if "-pooler." in (make_url(database_url).host or ""):
            print("A worker can't listen through a pooler: set DATABASE_URL_DIRECT.", file=sys.stderr)
            return 2
        asyncio.run(worker_for(settings, find_jobs()).work(database_url, settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
