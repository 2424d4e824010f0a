"""Gotchas of the skill `backend-service-layer`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Annotated

import asyncpg
import pytest
from fastapi import BackgroundTasks, Depends, FastAPI
from pgqueuer import AsyncpgDriver, PgQueuer
from pgqueuer.models import Job
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode
from sqlalchemy import URL, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from .app_client import AppClient
from .conftest import StartPgBouncer


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"
    owner: Mapped[str] = mapped_column(primary_key=True)
    balance: Mapped[int]


class Sent(Base):
    __tablename__ = "sent"
    key: Mapped[str] = mapped_column(primary_key=True)


Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def sessions(engine: AsyncEngine) -> Sessions:
    """Three accounts with 100 each."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with sessions.begin() as session:
        session.add_all(Account(owner=owner, balance=100) for owner in ("Ada", "Edith", "Grace"))
    return sessions


async def balance_of(owner: str, sessions: Sessions) -> int | None:
    async with sessions() as session:
        return await session.scalar(select(Account.balance).where(Account.owner == owner))


async def test_sv_01_a_commit_in_the_repository_leaves_half_an_operation(sessions: Sessions) -> None:
    """Believed: a repository commits what it wrote. Now: a failing second step leaves half; commit at the edge."""

    class Repository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def withdraw(self, owner: str, amount: int) -> None:
            account = await self.session.get_one(Account, owner)
            account.balance -= amount
            await self.session.flush()

    class CommittingRepository(Repository):
        async def withdraw(self, owner: str, amount: int) -> None:
            await super().withdraw(owner, amount)
            await self.session.commit()

    async def transfer(accounts: Repository, owner: str) -> None:
        await accounts.withdraw(owner, 60)
        raise ConnectionError("before the second step")

    with pytest.raises(ConnectionError):
        async with sessions() as session:
            await transfer(CommittingRepository(session), "Ada")
    assert await balance_of("Ada", sessions) == 40  # and nobody has the 60

    with pytest.raises(ConnectionError):
        async with sessions.begin() as session:
            await transfer(Repository(session), "Grace")
    assert await balance_of("Grace", sessions) == 100


async def test_sv_02_a_caught_integrity_error_leaves_the_session_unusable(sessions: Sessions) -> None:
    """Believed: caught is handled. Now: every later use is a PendingRollbackError; begin_nested() around the try."""
    duplicate = {"owner": "Ada", "balance": 0}

    async with sessions() as session:
        session.add(Account(**duplicate))
        with pytest.raises(IntegrityError, match="duplicate key value"):
            await session.flush()
        with pytest.raises(PendingRollbackError, match="transaction has been rolled back due to a previous exception"):
            await session.get(Account, "Grace")

    async with sessions.begin() as session:
        with pytest.raises(IntegrityError, match="duplicate key value"):
            async with session.begin_nested():
                session.add(Account(**duplicate))
        session.add(Account(owner="Barbara", balance=1))
    assert await balance_of("Barbara", sessions) == 1


async def test_sv_03_read_modify_write_loses_an_update(sessions: Sessions) -> None:
    """Believed: a transaction protects `balance += 10`. Now: one of two is lost; UPDATE … RETURNING, or FOR UPDATE."""
    both = asyncio.Barrier(2)

    async def read_modify_write(owner: str) -> int:
        async with sessions.begin() as session:
            account = await session.get_one(Account, owner)
            await both.wait()
            account.balance += 10
            return account.balance

    async def one_statement(owner: str) -> int:
        deposit = update(Account).where(Account.owner == owner).values(balance=Account.balance + 10)
        async with sessions.begin() as session:
            await both.wait()
            return (await session.scalars(deposit.returning(Account.balance))).one()

    async def locked(owner: str) -> int:
        async with sessions.begin() as session:
            await both.wait()
            account = await session.get_one(Account, owner, with_for_update=True)
            account.balance += 10
            return account.balance

    assert sorted(await asyncio.gather(read_modify_write("Ada"), read_modify_write("Ada"))) == [110, 110]
    assert await balance_of("Ada", sessions) == 110

    for deposit, owner in [(one_statement, "Edith"), (locked, "Grace")]:
        assert sorted(await asyncio.gather(deposit(owner), deposit(owner))) == [110, 120]
        assert await balance_of(owner, sessions) == 120


async def test_sv_04_a_background_task_on_the_requests_session_writes_nothing(sessions: Sessions) -> None:
    """Believed: a background task may use the request's session. Now: its write is lost silently; open its own."""
    left_open: list[AsyncSession] = []

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with sessions.begin() as session:
            yield session

    async def withdraw(session: AsyncSession, owner: str) -> None:
        account = await session.get_one(Account, owner)
        account.balance -= 60
        await session.flush()

    async def withdraw_in_a_session_of_its_own(owner: str) -> None:
        async with sessions.begin() as session:
            await withdraw(session, owner)

    app = FastAPI()

    @app.post("/wrong")
    async def wrong(
        tasks: BackgroundTasks, session: Annotated[AsyncSession, Depends(get_session, scope="function")]
    ) -> None:
        left_open.append(session)
        tasks.add_task(withdraw, session, "Ada")

    @app.post("/right")
    async def right(tasks: BackgroundTasks) -> None:
        tasks.add_task(withdraw_in_a_session_of_its_own, "Grace")

    async with AppClient(app) as client:
        assert (await client.post("/wrong")).status_code == 200
        assert (await client.post("/right")).status_code == 200
        assert client.crashes == []
    assert left_open[0].in_transaction()  # a second transaction, which began by itself and which nobody commits
    await left_open[0].close()
    assert await balance_of("Ada", sessions) == 100
    assert await balance_of("Grace", sessions) == 40


@pytest.fixture
async def queue(database_url: URL) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database in which pgqueuer is installed."""
    connection = await asyncpg.connect(database_url.set(drivername="postgresql").render_as_string(hide_password=False))
    await Queries(AsyncpgDriver(connection)).install()
    yield connection
    await connection.close()


async def test_sv_05_a_job_enqueued_beside_the_session_is_run_for_a_row_that_never_was(
    sessions: Sessions, queue: asyncpg.Connection
) -> None:
    """Believed: a job added in the block is added with it. Now: it survives the rollback; enqueue by the session."""

    async def on_its_own_connection(session: AsyncSession, owner: str) -> None:
        await Queries(AsyncpgDriver(queue)).enqueue("greet", owner.encode())

    async def below_the_session(session: AsyncSession, owner: str) -> None:
        driver_connection = (await (await session.connection()).get_raw_connection()).driver_connection
        await Queries(AsyncpgDriver(driver_connection)).enqueue("greet", owner.encode())

    async def through_the_session(session: AsyncSession, owner: str) -> None:
        class Driver(AsyncpgDriver):
            async def fetch(self, query: str, *values: object) -> list[dict[str, object]]:
                rows = await (await session.connection()).exec_driver_sql(query, values)
                return [dict(row) for row in rows.mappings()]

        await Queries(Driver(queue)).enqueue("greet", owner.encode())

    async def register(enqueue: Callable[[AsyncSession, str], Awaitable[None]]) -> None:
        async with sessions.begin() as session:
            await enqueue(session, enqueue.__name__)
            session.add(Account(owner="Ada", balance=0))  # there is one already

    greeted: list[str] = []
    for enqueue in (on_its_own_connection, below_the_session, through_the_session):
        with pytest.raises(IntegrityError):
            await register(enqueue)
    async with sessions.begin() as session:
        await through_the_session(session, "committed")

    worker = PgQueuer(AsyncpgDriver(queue))

    @worker.entrypoint("greet")
    async def greet(job: Job) -> None:
        greeted.append((job.payload or b"").decode())

    await worker.qm.run(mode=QueueExecutionMode.drain)
    assert sorted(greeted) == ["below_the_session", "committed", "on_its_own_connection"]


async def test_sv_06_to_look_then_send_then_note_sends_twice(sessions: Sessions) -> None:
    """Believed: who looks first sends once. Now: two look at once and both send; note first, and commit it last."""
    messages: list[str] = []
    both = asyncio.Barrier(2)

    async def send(key: str) -> None:
        messages.append(key)
        await asyncio.sleep(0)

    async def look_first(key: str) -> None:
        async with sessions.begin() as session:
            sent = await session.get(Sent, key)
        await both.wait()
        if sent is None:
            await send(key)
            async with sessions.begin() as session:
                await session.execute(insert(Sent).values(key=key).on_conflict_do_nothing())

    async def note_first(key: str) -> None:
        await both.wait()
        async with sessions.begin() as session:
            note = insert(Sent).values(key=key).on_conflict_do_nothing().returning(Sent.key)
            if await session.scalar(note) is not None:
                await send(key)

    await asyncio.gather(look_first("wrong"), look_first("wrong"))
    await asyncio.gather(note_first("right"), note_first("right"))
    assert messages == ["wrong", "wrong", "right"]


async def test_sv_07_listen_through_a_pooler_hears_nothing(
    engine: AsyncEngine, database_url: URL, start_pgbouncer: StartPgBouncer
) -> None:
    """Believed: what raises nothing listens. Now: in transaction mode nothing arrives; listen on the direct URL."""

    async def listen(url: URL) -> tuple[asyncpg.Connection, list[str]]:
        connection = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
        heard: list[str] = []
        await connection.add_listener("jobs", lambda *said: heard.append(said[-1]))
        return connection, heard

    pooled, pooled_heard = await listen(start_pgbouncer())
    direct, direct_heard = await listen(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("NOTIFY jobs, 'there is one'"))
    for listener in (direct, pooled):
        await listener.fetch("SELECT 1")  # what was notified before comes along with this answer

    assert direct_heard == ["there is one"]
    assert pooled_heard == []
    for listener in (direct, pooled):
        await listener.close()


async def test_sv_08_a_call_to_others_inside_the_transaction_empties_the_pool(database_url: URL) -> None:
    """Believed: waiting for others costs nothing. Now: a connection as long; call before the first statement."""
    called, may_answer = asyncio.Event(), asyncio.Event()
    engine = create_async_engine(database_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    statement = text("SELECT 1")

    async def call_others() -> None:
        called.set()
        await may_answer.wait()

    async def wrong() -> None:
        async with AsyncSession(engine) as session:
            await session.execute(statement)
            await call_others()

    async def right() -> None:
        async with AsyncSession(engine) as session:
            await call_others()
            await session.execute(statement)

    async def query_beside(work: Callable[[], Coroutine[None, None, None]]) -> None:
        called.clear()
        may_answer.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(work())
            await called.wait()
            try:
                async with engine.connect() as connection:
                    await connection.execute(statement)
            finally:
                may_answer.set()

    with pytest.raises(ExceptionGroup) as raised:
        await query_beside(wrong)
    assert raised.group_contains(PoolTimeoutError, match="QueuePool limit of size 1")
    await query_beside(right)
    await engine.dispose()
