"""Units of work that PostgreSQL may refuse because of another one, and that are then done again."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

Result = TypeVar("Result")

ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.01
# serialization_failure and deadlock_detected: nothing was done, and the same work may succeed now.
WORTH_ANOTHER_TRY = {"40001", "40P01"}


class Transactions:
    """Runs work in a transaction of its own, on the request's session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def retry(
        self,
        work: Callable[[], Awaitable[Result]],
        isolation: Literal["REPEATABLE READ", "SERIALIZABLE"] = "SERIALIZABLE",
    ) -> Result:
        """Do the work and commit it; begin again, a few times, when it met another transaction.

        What the request has written before is committed first, and the answer still waits for the last COMMIT.

        Args:
            work: reads all that it decides on, and touches nothing but the session: it may run several times.
            isolation: REPEATABLE READ finds two changes of one row; SERIALIZABLE also finds a decision on rows that
                another transaction has changed since.

        Raises:
            DBAPIError: of the last attempt.
        """
        await self._session.commit()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._session.connection(execution_options={"isolation_level": isolation})
                result = await work()
                await self._session.commit()
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in WORTH_ANOTHER_TRY or attempt == ATTEMPTS:
                    raise
                self._session.expunge_all()  # what was loaded before stays readable, and is read anew by the work
                await self._session.rollback()
                # A random pause, so that those who met don't meet again.
                await asyncio.sleep(random.uniform(0, FIRST_PAUSE_SECONDS * 2**attempt))  # noqa: S311
            else:
                return result
        raise AssertionError("the last attempt returns or raises")
