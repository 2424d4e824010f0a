"""What the commands of this service (`python -m app.…`) share: the database that the service itself would use."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.database import build_engine
from app.core.local_postgres import local_postgres
from app.core.migrations import upgrade_database
from app.settings import Settings

Result = TypeVar("Result")


def in_transaction(work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """Do work in one transaction, committed when it returns.

    Raises:
        DatabaseUnavailableError: the database can't be reached.
    """
    settings = Settings()
    given = settings.database_url.get_secret_value() if settings.database_url else None
    with nullcontext(given) if given else local_postgres(settings.data_directory) as database_url:
        if given is None:
            upgrade_database(database_url)  # as the service does when it starts
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
