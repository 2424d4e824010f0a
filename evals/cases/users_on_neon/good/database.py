import os
import ssl
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

# What libpq understands in a URL and asyncpg does not.
LIBPQ_ONLY = {"channel_binding", "sslmode"}


def connection_arguments(database_url: str) -> tuple[str, dict[str, Any]]:
    """Make asyncpg's URL and arguments of the URL that Neon prints."""
    url = make_url(database_url)
    arguments: dict[str, Any] = {"statement_cache_size": 0}  # the pooler gives each transaction another connection
    if url.query.get("sslmode") == "disable":
        arguments["ssl"] = False
    else:
        arguments["ssl"] = ssl.create_default_context()
    url = url.set(drivername="postgresql+asyncpg").difference_update_query(LIBPQ_ONLY & url.query.keys())
    return url.render_as_string(hide_password=False), arguments


_url, _arguments = connection_arguments(os.environ["DATABASE_URL"])
engine = create_async_engine(_url, connect_args=_arguments, pool_pre_ping=True, pool_recycle=240)
SessionLocal = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


async def get_session() -> AsyncIterator[AsyncSession]:
    async with SessionLocal() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
