"""The database: one engine for the process, one transaction for each request."""

import ssl
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, ClassVar

import asyncpg
from fastapi import Depends
from fastapi.requests import HTTPConnection
from pydantic import BaseModel, Field, SecretStr
from sqlalchemy import DateTime, MetaData, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import IntegrityError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from app.core.errors import DatabaseUnavailableError

# What libpq understands in a URL and asyncpg does not.
LIBPQ_ONLY = {"channel_binding", "connect_timeout", "gssencmode", "options", "sslmode", "sslnegotiation", "sslrootcert"}
# What was in use so shortly ago is not asked whether it still lives; what has said that it doesn't never is.
PING_AFTER_SECONDS = 0.05


class DatabaseSettings(BaseModel):
    """The size and the patience of the engine: what the settings of an application inherit, each with its default."""

    database_url_direct: SecretStr | None = None
    database_pool_size: int = Field(default=15, ge=1)  # of each process, opened as they are needed
    database_pool_overflow: int = Field(default=0, ge=0)  # these are closed after each use
    database_pool_timeout_seconds: float = Field(default=5, gt=0)
    database_statement_timeout_seconds: float = Field(default=10, ge=0.01, le=3600)
    database_lock_timeout_seconds: float = Field(default=5, ge=0.01, le=3600)


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
    arguments: dict[str, Any] = {"timeout": 10}  # seconds to connect: a suspended server has to wake first
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


class PooledConnection(asyncpg.Connection):  # type: ignore[misc]  # the driver has no types
    """A connection through a pooler in transaction mode: it sends the timeouts with each BEGIN, in the same round trip.

    `SET LOCAL` ends with the transaction. A pooler refuses `server_settings`, and hands a session's `SET` on to others.
    """

    limits: ClassVar[str]

    async def execute(self, query: str, *values: object, **options: object) -> object:
        """Run a statement without a result."""
        if query.startswith("BEGIN"):
            query = f"{query} {self.limits}"
        return await super().execute(query, *values, **options)


def limit_statements(arguments: dict[str, Any], settings: DatabaseSettings, *, pooled: bool) -> None:
    """Add to the driver's arguments what ends a statement, or its waiting for a lock, that takes too long."""
    limits = {
        "statement_timeout": str(round(settings.database_statement_timeout_seconds * 1000)),
        "lock_timeout": str(round(settings.database_lock_timeout_seconds * 1000)),
    }
    if pooled:
        sent = " ".join(f"SET LOCAL {name} = {value};" for name, value in limits.items())
        arguments["connection_class"] = type("LimitedConnection", (PooledConnection,), {"limits": sent})
    else:
        arguments["server_settings"] = limits
    # The driver's own limit is for a server that has gone silent.
    arguments["command_timeout"] = settings.database_statement_timeout_seconds + 1


def build_engine(database_url: str, settings: DatabaseSettings) -> AsyncEngine:
    """Create the engine; nothing connects before the first statement.

    Args:
        database_url: PostgreSQL URL in any provider's form.
        settings: size and patience of the pool and of each statement.
    """
    url, arguments = connection_arguments(database_url)
    # Who names a direct URL says that the other one goes through a pooler, whatever its host is called.
    if settings.database_url_direct is not None:
        arguments["statement_cache_size"] = 0
    limit_statements(arguments, settings, pooled="statement_cache_size" in arguments)
    engine = create_async_engine(
        url,
        connect_args=arguments,
        hide_parameters=True,  # a failing statement is logged without the values it carried
        max_overflow=settings.database_pool_overflow,
        pool_recycle=240,  # seconds; serverless PostgreSQL suspends after 300
        pool_size=settings.database_pool_size,
        pool_timeout=settings.database_pool_timeout_seconds,
    )
    event.listen(engine.sync_engine, "do_connect", _connect)
    for moment in ("connect", "checkin"):
        event.listen(engine.sync_engine, moment, _note_time)
    event.listen(engine.sync_engine, "checkout", _ping)
    return engine


def _connect(
    dialect: Dialect, _record: ConnectionPoolEntry, arguments: list[Any], parameters: dict[str, Any]
) -> DBAPIConnection:
    # asyncpg raises what SQLAlchemy doesn't wrap, and a read past the ORM meets what SQLAlchemy itself would wrap.
    try:
        return dialect.connect(*arguments, **parameters)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, dialect.loaded_dbapi.Error) as error:
        raise DatabaseUnavailableError from error


def _note_time(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["last_seen"] = time.monotonic()


def _ping(connection: Any, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:  # noqa: ANN401
    # What `pool_pre_ping` does in three round trips with asyncpg. All idle connections die together, so replace all.
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
    if time.monotonic() - record.info["last_seen"] < PING_AFTER_SECONDS:
        return
    try:
        connection.run_async(lambda driver: driver.execute("SELECT"))
    except Exception as error:  # the driver has many ways to say that a connection is no good
        raise InvalidatePoolError from error


def violates(error: IntegrityError, constraint: str) -> bool:
    """Tell whether it was this constraint, by its name in the database, that refused the statement."""
    return getattr(error.driver_exception, "constraint_name", None) == constraint


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    """Open the request's transaction; commit it when the route returned, roll it back when anything was raised."""
    async with connection.app.state.sessions() as session:
        yield session
        await session.commit()


# scope="function": the COMMIT runs before the response is sent, so a failing commit can't follow a 201.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def reach_database(session: SessionDep) -> None:
    """Ask the database for anything at all.

    Raises:
        DatabaseUnavailableError: there is no answer.
    """
    await session.execute(text("SELECT 1"))
