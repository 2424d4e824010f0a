"""Units of work that meet each other: both are done, one after the other, or it is said."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeAlias

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.database import DatabaseSettings, build_engine
from app.core.transactions import ATTEMPTS, Transactions

pytestmark = pytest.mark.asyncio

Sessions: TypeAlias = async_sessionmaker[AsyncSession]

CREATE = "CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL)"
FILL = "INSERT INTO accounts VALUES (1, 100), (2, 100)"
TOTAL = text("SELECT sum(balance) FROM accounts")
TAKE = text("UPDATE accounts SET balance = balance - 150 WHERE id = :id")
TOUCH = text("UPDATE accounts SET balance = balance + 1 WHERE id = :id")


@pytest_asyncio.fixture
async def accounts(empty_database_url: str) -> AsyncIterator[Sessions]:
    """Two accounts of one customer, who may overdraw one as long as both together are not below zero."""
    engine = build_engine(empty_database_url, DatabaseSettings())
    async with engine.begin() as connection:
        await connection.execute(text(CREATE))
        await connection.execute(text(FILL))
    yield async_sessionmaker(engine, expire_on_commit=False)
    await engine.dispose()


async def balance(accounts: Sessions) -> int:
    """Add up what is left."""
    async with accounts() as session:
        return int(await session.scalar(TOTAL) or 0)


async def test_a_decision_on_what_another_changes_is_made_again(accounts: Sessions) -> None:
    both_have_looked = asyncio.Barrier(2)
    looks: list[int] = []

    async def withdraw(account: int) -> bool:
        async with accounts() as session:

            async def work() -> bool:
                total = int(await session.scalar(TOTAL) or 0)
                looks.append(total)
                if len(looks) <= 2:
                    await both_have_looked.wait()
                if total < 150:
                    return False
                await session.execute(TAKE, {"id": account})
                return True

            return await Transactions(session).retry(work)

    done = await asyncio.gather(withdraw(1), withdraw(2))

    assert sorted(done) == [False, True]
    assert sorted(looks) == [50, 200, 200]
    assert await balance(accounts) == 50


async def test_two_that_wait_for_each_other_are_both_done(accounts: Sessions) -> None:
    both_hold_one = asyncio.Barrier(2)
    attempts = 0

    async def touch(first: int, second: int) -> None:
        async with accounts() as session:

            async def work() -> None:
                nonlocal attempts
                attempts += 1
                await session.execute(TOUCH, {"id": first})
                if attempts <= 2:
                    await both_hold_one.wait()
                await session.execute(TOUCH, {"id": second})

            await Transactions(session).retry(work, "REPEATABLE READ")

    await asyncio.gather(touch(1, 2), touch(2, 1))

    assert attempts > 2
    assert await balance(accounts) == 204


async def test_after_some_attempts_it_is_given_up(accounts: Sessions) -> None:
    attempts = 0
    async with accounts() as session:

        async def work() -> None:
            nonlocal attempts
            attempts += 1
            await session.execute(TOUCH, {"id": 1})
            await session.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"))

        with pytest.raises(DBAPIError):
            await Transactions(session).retry(work)

    assert attempts == ATTEMPTS
    assert await balance(accounts) == 200


async def test_what_will_never_work_is_tried_once(accounts: Sessions) -> None:
    attempts = 0
    async with accounts() as session:

        async def work() -> None:
            nonlocal attempts
            attempts += 1
            await session.execute(text(FILL))

        with pytest.raises(DBAPIError, match="duplicate key"):
            await Transactions(session).retry(work)

    assert attempts == 1
