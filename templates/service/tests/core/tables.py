"""Tables alone, for what is tried without the rest of the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.schema import CreateTable

from app.core.database import Base, DatabaseSettings, build_engine


@asynccontextmanager
async def tables_alone(database_url: str, *models: type[Base]) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Create the tables of these models in a new database, without their references; give what makes sessions."""
    engine = build_engine(database_url, DatabaseSettings())
    async with engine.begin() as connection:
        for model in models:
            assert isinstance(model.__table__, Table)
            await connection.execute(CreateTable(model.__table__, include_foreign_key_constraints=[]))
    yield async_sessionmaker(engine, expire_on_commit=False)
    await engine.dispose()
