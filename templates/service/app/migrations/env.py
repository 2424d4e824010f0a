"""How Alembic connects: to the URL that code hands over, or to the one that the settings name."""

import asyncio
from contextlib import nullcontext

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.database import Base, connection_arguments
from app.core.discovery import find_routers
from app.core.idempotency import IdempotencyRecord
from app.core.local_postgres import local_postgres
from app.settings import Settings

find_routers()  # imports every model of the domains, so that the metadata holds every table
settings = Settings()
# % if idempotency
MODELS_ELSEWHERE = [IdempotencyRecord]
# % endif


def run(connection: Connection) -> None:
    """Run the migrations on an open connection, all in one transaction.

    A statement may take as long as it needs, but not wait long for its lock: whoever wants the table queues up behind.
    """
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_server_default=True,
        # % if jobs
        # pgqueuer's tables have no models here.
        include_name=lambda name, kind, _parents: kind != "table" or not str(name).startswith("pgqueuer"),
        # % endif
    )
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('migrations'))"))  # one process at a time
        connection.execute(text(f"SET LOCAL lock_timeout = {round(settings.database_lock_timeout_seconds * 1000)}"))
        context.run_migrations()


async def connect_and_run(database_url: str) -> None:
    """Open a connection of its own for the migrations."""
    url, arguments = connection_arguments(database_url)
    engine = create_async_engine(url, connect_args=arguments, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


def main() -> None:
    """Choose the database and migrate it."""
    if context.is_offline_mode():
        raise SystemExit("these migrations run on a database; `--sql` is not supported")
    handed_over = context.config.attributes.get("database_url")
    if handed_over is None and settings.direct_url is not None:
        handed_over = settings.direct_url.get_secret_value()
    with nullcontext(handed_over) if handed_over else local_postgres(settings.data_directory) as database_url:
        asyncio.run(connect_and_run(database_url))


main()
