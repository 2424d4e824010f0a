"""Gotchas of the skill `neon-postgres`, on PgBouncer in transaction mode: that is what Neon's pooler is."""

import asyncio
import json
import ssl
import subprocess
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from . import pooled_worker
from .conftest import StartPgBouncer


@asynccontextmanager
async def engine_for(url: URL, **options: Any) -> AsyncIterator[AsyncEngine]:
    """An engine that is disposed of at the end."""
    engine = create_async_engine(url, **options)
    try:
        yield engine
    finally:
        await engine.dispose()


@pytest.fixture
def certificate() -> Iterator[Path]:
    """A certificate for 127.0.0.1 that signed itself, and beside it `key.pem`."""
    with tempfile.TemporaryDirectory(prefix="certificate-") as name:
        directory = Path(name)
        subject = ["-subj", "/CN=proof", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
        files = ["-keyout", f"{directory}/key.pem", "-out", f"{directory}/certificate.pem"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, *files]
        subprocess.run(command, check=True, capture_output=True)
        for path in (directory, *directory.iterdir()):
            path.chmod(0o755)  # PgBouncer reads them as another user
        yield directory / "certificate.pem"


async def test_ne_01_sslmode_in_the_url_breaks_asyncpg(start_pgbouncer: StartPgBouncer, certificate: Path) -> None:
    """Believed: Neon's URL works with +asyncpg. Now: TypeError for libpq's parameters; strip them and pass `ssl`."""
    pooler = start_pgbouncer(
        client_tls_sslmode="require",  # so whatever connects below does so by TLS
        client_tls_cert_file=certificate,
        client_tls_key_file=certificate.with_name("key.pem"),
    )
    neon = pooler.update_query_dict({"sslmode": "require", "channel_binding": "require"})

    async with engine_for(neon) as engine:
        with pytest.raises(TypeError, match="unexpected keyword argument 'sslmode'"):
            await engine.connect()
    async with engine_for(neon.difference_update_query(["sslmode"])) as engine:
        with pytest.raises(TypeError, match="unexpected keyword argument 'channel_binding'"):
            await engine.connect()

    stripped = neon.difference_update_query(["sslmode", "channel_binding"])
    async with engine_for(stripped, connect_args={"ssl": ssl.create_default_context()}) as engine:
        with pytest.raises(ssl.SSLCertVerificationError):  # nobody known signed this one: it does verify
            await engine.connect()
    trusting = ssl.create_default_context(cafile=certificate)
    async with engine_for(stripped, connect_args={"ssl": trusting}) as engine, engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1


async def test_ne_02_prepared_statements_behind_the_pooler_answer_wrongly(start_pgbouncer: StartPgBouncer) -> None:
    """Believed: asyncpg's defaults suit any pooler. Now: wrong rows, lost statements; statement_cache_size=0."""

    async def ask(process: Process, line: str) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{line}\n".encode())
        return (await process.stdout.readline()).decode().strip()

    async def two_processes(connect_args: dict[str, int]) -> list[str]:
        url = start_pgbouncer(default_pool_size=2)

        async def start(statement: str) -> Process:
            arguments = [str(pooled_worker.__file__), str(url), statement, json.dumps(connect_args)]
            return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=PIPE, stdout=PIPE)

        users = await start("SELECT 'user ' || CAST(:id AS int)")
        answers = [await ask(users, "1")]  # holds the first server connection
        invoices = await start("SELECT 'invoice ' || CAST(:id AS int)")
        answers += [await ask(invoices, "1")]  # so this one gets the second
        for process in (users, invoices):
            await ask(process, "commit")
        answers += [await ask(users, "1")]  # gets the one that was freed last: the second
        for process in (users, invoices):
            await process.communicate(b"")  # the end of its input is its end
        return answers

    async def one_process(connect_args: dict[str, int]) -> list[int]:
        url = start_pgbouncer(default_pool_size=2)

        async def answer(connection: AsyncConnection) -> int:
            return int(await connection.scalar(text("SELECT CAST(:id AS int)"), {"id": 1}))

        async with (
            engine_for(url, connect_args=connect_args) as engine,
            engine.connect() as first,
            engine.connect() as second,
        ):
            answers = [await answer(first)]
            await first.commit()
            answers += [await answer(second)]  # holds the server connection that `first` had
            answers += [await answer(first)]
            return answers

    assert await two_processes({}) == ["user 1", "invoice 1", "invoice 1"]  # asked for a user, got an invoice
    with pytest.raises(DBAPIError, match=r'prepared statement "__asyncpg_stmt_\w+__" does not exist'):
        await one_process({})

    assert await two_processes({"statement_cache_size": 0}) == ["user 1", "invoice 1", "user 1"]
    assert await one_process({"statement_cache_size": 0}) == [1, 1, 1]


async def test_ne_03_a_url_without_driver_is_not_asyncpg(database_url: URL) -> None:
    """Believed: postgres:// works, postgresql:// is psycopg2. Now: no such module, psycopg 3; name +asyncpg.

    Since SQLAlchemy 2.1.
    """
    with pytest.raises(NoSuchModuleError, match=r"sqlalchemy\.dialects:postgres"):
        create_async_engine(database_url.set(drivername="postgres"))
    assert database_url.set(drivername="postgresql").get_dialect().driver == "psycopg"

    named = database_url.set(drivername="postgresql+asyncpg")
    assert named.get_dialect().driver == "asyncpg"
    async with engine_for(named) as engine, engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1


async def test_ne_04_connections_killed_while_idle_fail_the_first_request(database_url: URL) -> None:
    """Believed: the pool notices dead connections. Now: the first use fails; pool_pre_ping=True replaces them."""

    async def use(engine: AsyncEngine) -> int:
        async with engine.connect() as connection:
            return int(await connection.scalar(text("SELECT pg_backend_pid()")))

    async def use_then_suspend(engine: AsyncEngine) -> None:
        """End the pool's idle connection, as Neon does when it scales to zero."""
        process = await use(engine)
        async with engine_for(database_url) as administration, administration.connect() as connection:
            # Waits up to 10,000 ms until the process is gone.
            assert await connection.scalar(text(f"SELECT pg_terminate_backend({process}, 10000)"))

    async with engine_for(database_url) as engine:
        await use_then_suspend(engine)
        with pytest.raises(DBAPIError, match=r"connection (is|was) closed|terminating connection") as failure:
            await use(engine)
        assert failure.value.connection_invalidated
        await use(engine)  # only then is the pool new

    async with engine_for(database_url, pool_pre_ping=True) as engine:
        await use_then_suspend(engine)
        await use(engine)


async def test_ne_05_a_session_setting_leaks_to_other_clients(start_pgbouncer: StartPgBouncer) -> None:
    """Believed: SET ends with my connection. Now: behind the pooler the next client has it; SET LOCAL."""

    async def seen_by_the_next(statement: str) -> str | None:
        url = start_pgbouncer(default_pool_size=1)
        async with engine_for(url, connect_args={"statement_cache_size": 0}) as mine:
            async with mine.begin() as connection:
                await connection.execute(text(statement))
                assert await connection.scalar(text("SELECT current_setting('app.tenant')")) == "mine"
            async with engine_for(url, connect_args={"statement_cache_size": 0}) as theirs, theirs.connect() as other:
                seen: str | None = await other.scalar(text("SELECT current_setting('app.tenant', true)"))
                return seen

    assert await seen_by_the_next("SET app.tenant = 'mine'") == "mine"
    assert not await seen_by_the_next("SET LOCAL app.tenant = 'mine'")


async def test_ne_06_the_pooler_refuses_server_settings(start_pgbouncer: StartPgBouncer, database_url: URL) -> None:
    """Believed: server_settings sets statement_timeout. Now: the pooler refuses the connection; SET LOCAL."""
    settings = {"server_settings": {"statement_timeout": "5000"}}
    pooler = start_pgbouncer()
    show = text("SHOW statement_timeout")

    async with engine_for(database_url, connect_args=settings) as direct, direct.connect() as connection:
        assert await connection.scalar(show) == "5s"
    async with engine_for(pooler, connect_args=settings) as engine:
        with pytest.raises(DBAPIError, match="unsupported startup parameter: statement_timeout"):
            await engine.connect()

    async with engine_for(pooler, connect_args={"statement_cache_size": 0}) as engine, engine.begin() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 5000"))
        assert await connection.scalar(show) == "5s"


async def test_ne_07_ssl_require_in_the_url_believes_any_certificate(
    start_pgbouncer: StartPgBouncer, certificate: Path
) -> None:
    """Believed: ssl=require is safe. Now: it encrypts to whoever answers; pass ssl.create_default_context()."""
    pooler = start_pgbouncer(
        client_tls_sslmode="require",
        client_tls_cert_file=certificate,
        client_tls_key_file=certificate.with_name("key.pem"),
    )
    async with engine_for(pooler.update_query_dict({"ssl": "require"})) as engine, engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1  # of a certificate that nobody vouches for

    async with engine_for(pooler, connect_args={"ssl": ssl.create_default_context()}) as engine:
        with pytest.raises(ssl.SSLCertVerificationError):
            await engine.connect()


async def test_ne_08_a_session_lock_outlives_its_client(start_pgbouncer: StartPgBouncer, database_url: URL) -> None:
    """Believed: pg_advisory_lock goes with my connection. Now: the server's keeps it; pg_advisory_xact_lock."""
    free = text("SELECT pg_try_advisory_xact_lock(42)")

    async def is_free_after(statement: str) -> bool | None:
        url = start_pgbouncer(default_pool_size=1)
        async with engine_for(url, connect_args={"statement_cache_size": 0}) as mine, mine.begin() as connection:
            await connection.execute(text(statement))
        async with engine_for(database_url) as direct, direct.connect() as other:
            is_free: bool | None = await other.scalar(free)
            return is_free

    assert await is_free_after("SELECT pg_advisory_xact_lock(42)") is True
    assert await is_free_after("SELECT pg_advisory_lock(42)") is False
