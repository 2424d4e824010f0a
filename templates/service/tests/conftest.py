# % if service
"""A database of its own for each run, migrated once and emptied after each test, and the service running on it."""
# % else
# + """A PostgreSQL for the tests that want one, each with a database of its own."""
# % endif

import asyncio
import itertools
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache

# % if not service
# + from pathlib import Path
# + from tempfile import TemporaryDirectory
# % endif
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import sort_tables_and_constraints

from app.core.database import Base, connection_arguments
from app.core.local_postgres import local_postgres
from app.core.migrations import upgrade_database
from app.settings import Settings
from tests.service import Service, run_service, settings_for


async def execute(database_url: str, statement: str) -> None:
    """Run a statement outside every transaction."""
    url, arguments = connection_arguments(database_url)
    engine = create_async_engine(url, connect_args=arguments, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


# % if service
@pytest.fixture(scope="session", autouse=True)
def quick_hashing() -> Iterator[None]:
    """Argon2id at its least cost: hundreds of accounts are made here. `test_passwords.py` tests the real cost."""
    quick = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PasswordHash, "recommended", lambda: PasswordHash([quick]))
        yield


# % endif
@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    # % if service
    """The PostgreSQL server that the settings name, or a local one."""
    settings = Settings()
    given = settings.direct_url.get_secret_value() if settings.direct_url else None
    with nullcontext(given) if given else local_postgres(settings.data_directory) as url:
        yield url
    # % else
    # + """A PostgreSQL for this run."""
    # + with TemporaryDirectory(prefix="postgres-") as folder:
    # +     Path(folder).chmod(0o755)  # PostgreSQL never runs as root, and must enter
    # +     with local_postgres(Path(folder)) as url:
    # +         yield url
    # % endif


@contextmanager
def new_database(server_url: str) -> Iterator[str]:
    """Create a database and drop it at the end."""
    name = f"test_{uuid.uuid4().hex}"
    asyncio.run(execute(server_url, f"CREATE DATABASE {name}"))
    yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    asyncio.run(execute(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """A new database without any table."""
    with new_database(server_url) as url:
        yield url


# % if service
@pytest.fixture(scope="session")
def database_url(server_url: str) -> Iterator[str]:
    """The migrated database that this run shares."""
    with new_database(server_url) as url:
        upgrade_database(url)
        yield url


@pytest.fixture(scope="session")
async def shared_service(database_url: str) -> AsyncIterator[Service]:
    """The service, started once."""
    async with run_service(settings_for(database_url)) as service:
        yield service


@cache
def emptying() -> str:
    """Say how to empty every table. A few rows are deleted in a fraction of the time that TRUNCATE takes."""
    *tables, (_, in_a_circle) = sort_tables_and_constraints(Base.metadata.tables.values())  # type: ignore[no-untyped-call]
    names = [f'"{table.name}"' for table, _ in reversed(tables)]
    one_by_one = [f"DELETE FROM {name}" for name in names]  # noqa: S608 - our own names
    statements = [f"TRUNCATE {', '.join(names)} CASCADE"] if in_a_circle else one_by_one
    # % if jobs
    statements += ["DELETE FROM pgqueuer", "DELETE FROM pgqueuer_log"]
    # % endif
    return "; ".join(statements)


@pytest.fixture
async def service(shared_service: Service) -> AsyncIterator[Service]:
    """The running service with empty tables."""
    yield replace(shared_service, numbers=itertools.count(1))
    async with shared_service.resources.engine.begin() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute(emptying())


@pytest.fixture
def log_lines(capfd: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What the service has logged since the test began; a line that is no JSON fails."""

    def lines() -> list[dict[str, Any]]:
        logged = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
        return [line for line in logged if line["logger"].startswith("app.")]

    return lines


# % endif
