import asyncio
import os
import ssl

from alembic import context
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from models import Base

# The URL never passes Alembic's configuration, where a % would be interpolation.
url = make_url(os.environ["DATABASE_URL_DIRECT"])
disabled = url.query.get("sslmode") == "disable"
engine = create_async_engine(
    url.set(drivername="postgresql+asyncpg").difference_update_query(["sslmode", "channel_binding"]),
    connect_args={"ssl": False if disabled else ssl.create_default_context()},
    poolclass=NullPool,
)


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    async with engine.connect() as connection:
        await connection.run_sync(migrate)


asyncio.run(main())
