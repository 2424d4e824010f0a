"""The migrations make the tables that the models describe, and can be taken back."""

import asyncio

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.database import connection_arguments
from app.core.migrations import migration_config, upgrade_database


async def tables(database_url: str) -> set[str]:
    """Name the tables of a database."""
    url, arguments = connection_arguments(database_url)
    engine = create_async_engine(url, connect_args=arguments)
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await engine.dispose()
    return set(names)


def test_models_and_migrations_agree(empty_database_url: str) -> None:
    upgrade_database(empty_database_url)

    command.check(migration_config(empty_database_url))  # raises when autogenerate would find something


def test_down_and_up_again(empty_database_url: str) -> None:
    upgrade_database(empty_database_url)
    command.downgrade(migration_config(empty_database_url), "base")
    assert asyncio.run(tables(empty_database_url)) == {"alembic_version"}

    upgrade_database(empty_database_url)

    assert "users" in asyncio.run(tables(empty_database_url))


def test_a_migration_does_not_wait_long_for_a_table(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade_database(empty_database_url)
    monkeypatch.setenv("DATABASE_LOCK_TIMEOUT_SECONDS", "0.05")

    async def downgrade_while_users_are_read() -> None:
        url, arguments = connection_arguments(empty_database_url)
        engine = create_async_engine(url, connect_args=arguments)
        async with engine.connect() as connection:
            await connection.execute(text("SELECT FROM users"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                await asyncio.to_thread(command.downgrade, migration_config(empty_database_url), "base")
        await engine.dispose()

    asyncio.run(downgrade_while_users_are_read())


def test_there_is_one_head() -> None:
    scripts = ScriptDirectory.from_config(migration_config("postgresql://"))

    assert len(scripts.get_heads()) == 1


def test_sql_without_a_database_is_refused_in_a_line() -> None:
    with pytest.raises(SystemExit, match="not supported"):
        command.upgrade(migration_config("postgresql://"), "head", sql=True)
