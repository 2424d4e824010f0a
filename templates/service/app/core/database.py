"""The database: one engine for the process, one transaction for each request."""

import ssl
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import asyncpg
from fastapi import Depends
from sqlalchemy import DateTime, MetaData, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry

from app.core.errors import DatabaseUnavailableError
from app.core.resources import ResourcesDep
from app.settings import Settings

# What libpq understands in a URL and asyncpg does not.
LIBPQ_ONLY = {"channel_binding", "connect_timeout", "gssencmode", "options", "sslmode", "sslnegotiation", "sslrootcert"}


class Base(DeclarativeBase):
    """The base of every model: named constraints, aware timestamps, and server defaults fetched with the row."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012 - SQLAlchemy's own declaration
    # Without it, reading an `onupdate` column after an UPDATE is a lazy load: MissingGreenlet.
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012


def connection_arguments(database_url: str) -> tuple[str, dict[str, Any]]:
    """Make asyncpg's URL and arguments of a PostgreSQL URL as providers print it.

    A Neon URL carries `sslmode` and `channel_binding`, which asyncpg refuses as arguments. Every TLS mode from
    `require` on verifies the server's certificate here. Behind a pooler no statement outlives its transaction.

    Raises:
        sqlalchemy.exc.ArgumentError: the text is no URL.
    """
    url = make_url(database_url)
    sslmode = url.query.get("sslmode", "prefer")
    arguments: dict[str, Any] = {"timeout": 10, "command_timeout": 30}  # seconds
    if sslmode == "disable":
        arguments["ssl"] = False
    elif sslmode in {"require", "verify-ca", "verify-full"}:
        authority = url.query.get("sslrootcert", "system")
        cafile = None if authority == "system" else str(authority)
        arguments["ssl"] = ssl.create_default_context(cafile=cafile)
    if "-pooler." in (url.host or ""):
        arguments["statement_cache_size"] = 0
    url = url.set(drivername="postgresql+asyncpg").difference_update_query(LIBPQ_ONLY & url.query.keys())
    return url.render_as_string(hide_password=False), arguments


def build_engine(database_url: str, settings: Settings) -> AsyncEngine:
    """Create the engine; nothing connects before the first statement.

    Args:
        database_url: PostgreSQL URL in any provider's form.
        settings: size and patience of the pool.
    """
    url, arguments = connection_arguments(database_url)
    engine = create_async_engine(
        url,
        connect_args=arguments,
        hide_parameters=True,  # a failing statement is logged without the values it carried
        max_overflow=settings.database_pool_overflow,
        pool_pre_ping=True,
        pool_recycle=240,  # seconds; serverless PostgreSQL suspends after 300
        pool_size=settings.database_pool_size,
        pool_timeout=settings.database_pool_timeout_seconds,
    )
    event.listen(engine.sync_engine, "do_connect", _connect)
    return engine


def _connect(
    dialect: Dialect, _record: ConnectionPoolEntry, arguments: list[Any], parameters: dict[str, Any]
) -> DBAPIConnection:
    # asyncpg raises what SQLAlchemy doesn't wrap: ConnectionRefusedError, TimeoutError, CannotConnectNowError.
    try:
        return dialect.connect(*arguments, **parameters)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseUnavailableError from error


def violates(error: IntegrityError, constraint: str) -> bool:
    """Tell whether it was this constraint, by its name in the database, that refused the statement."""
    return getattr(error.driver_exception, "constraint_name", None) == constraint


async def get_session(resources: ResourcesDep) -> AsyncIterator[AsyncSession]:
    """Open the request's transaction; commit it when the route returned, roll it back when anything was raised."""
    async with resources.sessions.begin() as session:
        yield session


# scope="function": the COMMIT runs before the response is sent, so a failing commit can't follow a 201.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
