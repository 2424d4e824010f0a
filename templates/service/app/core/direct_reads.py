"""Reads past the ORM, for the routes that are asked most: the tables describe the statement, Pydantic fills the answer.

Each statement is compiled once. A session that has begun lends its connection, so a read sees what the request wrote.
Before that, a read takes a connection of the pool for as long as it lasts: alone, a SELECT needs no transaction.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar, cast

import asyncpg
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.database import Base, PooledConnection

Item = TypeVar("Item", bound=BaseModel)

NUMERIC = 1700  # the OID of PostgreSQL's numeric: SQLAlchemy asks for it where a column is one
DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, ConnectionError)


def select_for(item: type[BaseModel], table: type[Base]) -> Select[Any]:
    """Select the columns that a response model shows, and no others."""
    return select(*(table.__table__.c[name] for name in item.model_fields))


@asynccontextmanager
async def driver_of(session: AsyncSession) -> AsyncIterator[Any]:
    """Give the driver's connection of a session that has begun, or else one of the pool."""
    if session.in_transaction():
        yield (await (await session.connection()).get_raw_connection()).driver_connection
        return
    borrowed = await cast("AsyncEngine", session.bind).raw_connection()
    driver: Any = borrowed.driver_connection
    try:
        # Not `isinstance`: the driver says yes of any of its connections.
        if issubclass(type(driver), PooledConnection):
            async with driver.transaction():  # or each message may reach another server process
                yield driver
        else:
            yield driver
    except asyncpg.PostgresError:
        raise  # the server has ended what it began
    except BaseException:
        borrowed.invalidate()  # it may be in the middle of a statement, with the locks of it
        raise
    finally:
        borrowed.close()


class DirectRead(Generic[Item]):
    """One SELECT with named parameters, ready to fill one response model."""

    def __init__(self, item: type[Item], statement: Select[Any]) -> None:
        """Compile the statement.

        Args:
            item: the response model; its fields are the selected columns.
            statement: takes every value as a `bindparam`; a list as `= ANY(…)`, for `IN` is written anew each time.
        """
        compiled = statement.compile(dialect=DIALECT)
        self.sql = str(compiled)
        self._items = TypeAdapter(list[item])  # type: ignore[valid-type]
        self._parameters = [
            (name, compiled.binds[name].type.dialect_impl(DIALECT).bind_processor(DIALECT))
            for name in compiled.positiontup or ()
        ]
        results = (
            (column.name, column.type.dialect_impl(DIALECT).result_processor(DIALECT, NUMERIC))
            for column in statement.selected_columns
        )
        self._results = [(name, process) for name, process in results if process]

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """Put the values in the order of `sql`, in the types of the driver."""
        return [process(values[name]) if process else values[name] for name, process in self._parameters]

    async def all(self, session: AsyncSession, values: Mapping[str, object]) -> list[Item]:
        """Read all rows.

        Raises:
            DBAPIError: as the session itself would raise it.
        """
        async with driver_of(session) as driver:
            try:
                rows = [dict(row) for row in await driver.fetch(self.sql, *self.arguments(values))]
            except DRIVER_ERRORS as error:
                lost = driver.is_closed() or isinstance(error, asyncpg.InternalClientError)
                raise DBAPIError(self.sql, None, error, connection_invalidated=lost) from error
        for name, process in self._results:
            for row in rows:
                row[name] = process(row[name])
        return self._items.validate_python(rows)

    async def first(self, session: AsyncSession, values: Mapping[str, object]) -> Item | None:
        """Read the first row, if there is any.

        Raises:
            DBAPIError: as the session itself would raise it.
        """
        return next(iter(await self.all(session, values)), None)
