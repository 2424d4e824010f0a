"""What the commands of this service (`python -m app.…`) share: the database that the service itself would use."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.database import build_engine
from app.core.local_postgres import local_postgres
from app.core.migrations import upgrade_database
from app.settings import Settings

Result = TypeVar("Result")


@contextmanager
def service_database(settings: Settings) -> Iterator[str]:
    """Give the URL, past a pooler where one is named; in local mode start the database and migrate it.

    Raises:
        RuntimeError: in local mode, when the package that brings PostgreSQL is not installed.
    """
    if settings.direct_url is not None:
        yield settings.direct_url.get_secret_value()
        return
    with local_postgres(settings.data_directory) as database_url:
        upgrade_database(database_url)
        yield database_url


def in_transaction(work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """Do work in one transaction, committed when it returns.

    Raises:
        DatabaseUnavailableError: the database can't be reached.
    """
    settings = Settings()
    with service_database(settings) as database_url:
        return asyncio.run(_in_transaction(work, database_url, settings))


async def _in_transaction(
    work: Callable[[AsyncSession], Awaitable[Result]], database_url: str, settings: Settings
) -> Result:
    engine = build_engine(database_url, settings)
    try:
        async with async_sessionmaker(engine, expire_on_commit=False).begin() as session:
            return await work(session)
    finally:
        await engine.dispose()
