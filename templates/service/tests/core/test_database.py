"""The database when it refuses, when it goes away, and when it takes too long: on an application of a few routes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
import pytest
import pytest_asyncio
from fastapi import APIRouter, Depends, FastAPI, status
from sqlalchemy import BigInteger, Text, cast, column, literal, select, table, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from app.core.database import PING_AFTER_SECONDS, DatabaseSettings, SessionDep, build_engine, reach_database, violates
from app.core.problems import add_problem_handlers
from app.core.unexpected_errors import UnexpectedErrorMiddleware
from tests.core.proxy import DatabaseProxy

pytestmark = pytest.mark.asyncio

CREATE = "CREATE TABLE fruits (name text CONSTRAINT pk_fruits PRIMARY KEY)"
REFUSE_AT_COMMIT = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}'; END $$;
    CREATE CONSTRAINT TRIGGER refuse_at_commit AFTER INSERT ON fruits
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()
"""
FRUITS = table("fruits", column("name", Text))

routes = APIRouter()


@routes.post("/fruits/{name}", status_code=status.HTTP_201_CREATED)
async def add_fruit(name: str, session: SessionDep) -> None:
    """Add a row, which is committed when this has returned."""
    await session.execute(FRUITS.insert().values(name=name))


@routes.get("/fruits")
async def list_fruits(session: SessionDep) -> list[str]:
    """Read the rows."""
    return list((await session.scalars(select(FRUITS.c.name))).all())


@routes.get("/ready", dependencies=[Depends(reach_database)])
async def say_ready() -> None:
    """Answer when the database does."""


@routes.get("/integer")
async def store_integer(session: SessionDep) -> None:
    """Hand the database an integer that its type can't hold."""
    await session.scalar(select(cast(literal(2**63, BigInteger), BigInteger)))


@routes.get("/text")
async def store_text(session: SessionDep) -> None:
    """Hand the database a text that its encoding can't hold."""
    await session.scalar(select(cast(literal("a\x00b"), Text)))


@routes.get("/long")
async def store_what_no_index_holds(session: SessionDep) -> None:
    """Put more into an index than a page of it holds."""
    await session.execute(text("INSERT INTO fruits SELECT string_agg(md5(n::text), '') FROM generate_series(1, 999) n"))


@routes.get("/stale")
async def change_what_is_gone() -> None:
    """Meet what the ORM says of a row that somebody has deleted meanwhile."""
    raise StaleDataError


@routes.get("/timeout")
async def time_out() -> None:
    """Take longer than the driver waits."""
    raise TimeoutError


@dataclass(frozen=True)
class Shop:
    """A running application, a client of it, and its engine."""

    client: httpx2.AsyncClient
    engine: AsyncEngine


@asynccontextmanager
async def open_shop(database_url: str, **settings: object) -> AsyncIterator[Shop]:
    """Run the application on a database."""
    engine = build_engine(database_url, DatabaseSettings.model_validate(settings))
    app = FastAPI()
    app.include_router(routes)
    add_problem_handlers(app)
    app.add_middleware(UnexpectedErrorMiddleware)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Shop(client, engine)
    await engine.dispose()


@pytest_asyncio.fixture
async def shop(empty_database_url: str) -> AsyncIterator[Shop]:
    """The application, with an empty table."""
    async with open_shop(empty_database_url) as shop:
        async with shop.engine.begin() as connection:
            await connection.execute(text(CREATE))
        yield shop


async def test_what_a_request_writes_is_there_before_its_answer(shop: Shop) -> None:
    assert (await shop.client.post("/fruits/plum")).status_code == 201
    assert (await shop.client.get("/fruits")).json() == ["plum"]


@pytest.mark.parametrize(
    ("sqlstate", "status"),
    [("23000", 409), ("40001", 503), ("P0001", 500)],
    ids=["integrity", "serialization", "anything else"],
)
async def test_a_commit_that_fails_is_never_a_success(shop: Shop, sqlstate: str, status: int) -> None:
    async with shop.engine.begin() as connection:
        for statement in REFUSE_AT_COMMIT.format(sqlstate=sqlstate).split(";\n"):
            await connection.execute(text(statement))

    response = await shop.client.post("/fruits/plum")

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert (await shop.client.get("/fruits")).json() == []


async def test_a_constraint_that_refuses_is_a_conflict_and_known_by_its_name(shop: Shop) -> None:
    async with shop.engine.begin() as connection:
        await connection.execute(FRUITS.insert().values(name="plum"))

    assert (await shop.client.post("/fruits/plum")).status_code == 409
    with pytest.raises(IntegrityError) as refused:
        async with shop.engine.begin() as connection:
            await connection.execute(FRUITS.insert().values(name="plum"))
    assert violates(refused.value, "pk_fruits")
    assert not violates(refused.value, "pk_vegetables")


@pytest.mark.parametrize("path", ["/integer", "/text", "/long"])
async def test_a_value_that_cannot_be_stored_is_the_callers_mistake(shop: Shop, path: str) -> None:
    response = await shop.client.get(path)

    assert (response.status_code, response.json()["code"]) == (422, "unstorable-value")


@pytest.mark.parametrize(("path", "status"), [("/stale", 409), ("/timeout", 503)])
async def test_a_row_that_is_gone_is_a_conflict_and_a_timeout_may_pass(shop: Shop, path: str, status: int) -> None:
    assert (await shop.client.get(path)).status_code == status


async def test_the_application_survives_the_loss_of_the_database(shop: Shop, empty_database_url: str) -> None:
    proxy = DatabaseProxy(empty_database_url)
    await proxy.mend()
    async with open_shop(proxy.url) as remote:
        assert (await remote.client.get("/fruits")).status_code == 200

        await proxy.cut()
        for path in ("/fruits", "/fruits", "/ready"):
            lost = await remote.client.get(path)
            assert lost.status_code == 503
            assert lost.headers["content-type"] == "application/problem+json"
            assert lost.headers["retry-after"]

        await proxy.mend()
        for path in ("/fruits", "/ready"):
            assert (await remote.client.get(path)).status_code == 200
    await proxy.cut()


async def test_connections_killed_between_requests_cost_nothing(shop: Shop, empty_database_url: str) -> None:
    await shop.client.get("/fruits")
    async with open_shop(empty_database_url) as other, other.engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await asyncio.sleep(PING_AFTER_SECONDS)  # who was served a moment ago is not asked

    assert (await shop.client.get("/fruits")).status_code == 200


async def test_a_full_pool_is_said_and_not_waited_for_forever(empty_database_url: str) -> None:
    limits = {"database_pool_size": 1, "database_pool_timeout_seconds": 0.1}
    async with open_shop(empty_database_url, **limits) as small, small.engine.connect():
        response = await small.client.get("/ready")

    assert (response.status_code, response.json()["code"]) == (503, "database-unavailable")


@pytest.mark.parametrize("limit", ["lock", "statement"])
async def test_what_takes_too_long_is_given_up_and_said(shop: Shop, empty_database_url: str, limit: str) -> None:
    async with open_shop(empty_database_url, **{f"database_{limit}_timeout_seconds": 0.25}) as impatient:
        async with shop.engine.begin() as other:
            await other.execute(text("LOCK TABLE fruits"))
            response = await impatient.client.get("/fruits")
        after = await impatient.client.get("/fruits")

    assert (response.status_code, response.json()["code"]) == (503, "database-unavailable")
    assert response.headers["retry-after"]
    assert after.status_code == 200


@pytest.mark.parametrize("pooled", [False, True], ids=["direct", "pooled"])
async def test_the_timeouts_hold_in_each_transaction(empty_database_url: str, *, pooled: bool) -> None:
    show = text("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
    limits = {"database_statement_timeout_seconds": 1.5, "database_lock_timeout_seconds": 0.25}
    direct_url = empty_database_url if pooled else None
    async with open_shop(empty_database_url, database_pool_size=1, database_url_direct=direct_url, **limits) as shop:
        for _ in range(2):
            async with shop.engine.connect() as connection:
                assert (await connection.execute(show)).one() == ("1500ms", "250ms")
        async with shop.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            # A pooler would hand them on to its other clients.
            assert (await connection.execute(show)).one() == (("0", "0") if pooled else ("1500ms", "250ms"))
