"""Background work: a job is enqueued in the transaction of the data, and run by `python -m app.worker`.

The queue is pgqueuer: it lives in the service's own PostgreSQL, speaks through the asyncpg that is here already, and
takes over the jobs of a worker that died; procrastinate wants a second driver, and leaves those jobs where they are.
A job is run at least once, so what it does must bear being done again: see `deliver_once`.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, cast

from pgqueuer.db import Driver
from pgqueuer.queries import Queries
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.messages import Email, Sender, WebhookCall


class JobRefusedError(Exception):
    """The job can't succeed, however often it is tried."""


@dataclass(frozen=True)
class JobResources:
    """What jobs work with, opened by the worker."""

    sessions: async_sessionmaker[AsyncSession]
    # % if service
    emails: Sender[Email]
    # % endif
    # % if example
    webhooks: Sender[WebhookCall]
    # % endif


class Job(BaseModel, ABC):
    """The base of every job: what it must know to find its rows again, and what it does with them.

    It names rows by key and reads them when it runs: between the two they may have changed, or gone.
    """

    model_config = ConfigDict(frozen=True)

    name: ClassVar[str]  # in the queue, where it outlives a renaming of the class

    due_at: datetime | None = None  # without a time: as soon as a worker is free

    @abstractmethod
    async def run(self, resources: JobResources) -> None:
        """Do the work, perhaps not for the first time.

        Raises:
            JobRefusedError: it is of no use to try again. After any other exception it is tried again later.
        """


class SessionDriver:
    """Runs pgqueuer's statements in the transaction of a session.

    Not on the asyncpg connection below it: there SQLAlchemy begins the transaction with its own first statement, and
    what came before that is committed at once.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Run a statement and give its rows."""
        connection = await self._session.connection()
        return [dict(row) for row in (await connection.exec_driver_sql(query, args)).mappings()]

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement."""
        connection = await self._session.connection()
        await connection.exec_driver_sql(query, args)
        return ""


def queries_of(session: AsyncSession) -> Queries:
    """Give pgqueuer's queries in the transaction of a session."""
    return Queries(cast("Driver", SessionDriver(session)))  # what else a driver has is for workers


class JobQueue:
    """Takes jobs in the transaction of one session: rolled back, there was no job; committed, it can't be lost."""

    def __init__(self, session: AsyncSession) -> None:
        self._queries = queries_of(session)

    async def enqueue(self, jobs: Sequence[Job]) -> None:
        """Add jobs to the queue."""
        if jobs:
            now = datetime.now(UTC)
            await self._queries.enqueue(
                [job.name for job in jobs],
                [job.model_dump_json().encode() for job in jobs],
                [0] * len(jobs),
                execute_after=[job.due_at - now if job.due_at else None for job in jobs],
            )
