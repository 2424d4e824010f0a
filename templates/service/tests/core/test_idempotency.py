"""A request that is sent again does its work once: tried on a route of its own, so that no other one is needed."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import httpx2
import pytest
import pytest_asyncio
from fastapi import APIRouter, Depends, FastAPI, Header, status
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.database import SessionDep
from app.core.errors import ConflictError
from app.core.idempotency import Idempotency, IdempotencyKey, IdempotencyRecord
from app.core.problems import add_problem_handlers
from tests.core.tables import tables_alone

pytestmark = pytest.mark.asyncio

INSERT = text("INSERT INTO probes (name) VALUES (:name) RETURNING id")
CREATE = text("CREATE TABLE probes (id serial PRIMARY KEY, name text NOT NULL)")
# = ADA, EVE = {{ two_callers }}
ADA, EVE = uuid.UUID(int=1), uuid.UUID(int=2)
CALLERS = {"ada": ADA, "eve": EVE}

probes = APIRouter(prefix="/probes")


class Probe(BaseModel):
    """What is sent: a name for the row that the work leaves, and whether to fail after it."""

    name: str
    fail: bool = False


class Created(BaseModel):
    """What is answered."""

    id: int


async def get_idempotency(
    session: SessionDep, caller: Annotated[str, Header()], idempotency_key: IdempotencyKey = None
) -> Idempotency:
    """Believe callers who they are."""
    return Idempotency(session, CALLERS[caller], idempotency_key)


@probes.post("", status_code=status.HTTP_201_CREATED)
async def create_probe(
    probe: Probe, session: SessionDep, idempotency: Annotated[Idempotency, Depends(get_idempotency)]
) -> Created:
    """Do work that leaves a row each time it is done."""

    async def work() -> Created:
        created = await session.scalar(INSERT, {"name": probe.name})
        if probe.fail:
            raise ConflictError
        return Created(id=created or 0)

    return await idempotency.once("create-probe", probe, Created, work)()


@dataclass(frozen=True)
class Probed:
    """A client of an application with that route, and its database."""

    client: httpx2.AsyncClient
    sessions: async_sessionmaker[AsyncSession]


@pytest_asyncio.fixture
async def probed(empty_database_url: str) -> AsyncIterator[Probed]:
    """An application with that route, and the tables for it."""
    app = FastAPI()
    app.include_router(probes)
    add_problem_handlers(app)
    transport = httpx2.ASGITransport(app=app)
    async with (
        tables_alone(empty_database_url, IdempotencyRecord) as app.state.sessions,
        httpx2.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        async with app.state.sessions.begin() as session:
            await session.execute(CREATE)
        yield Probed(client, app.state.sessions)


async def send(probed: Probed, key: str | None, caller: str = "ada", **body: object) -> httpx2.Response:
    """Ask for the work, with a key or without."""
    headers = {"Caller": caller} | ({} if key is None else {"Idempotency-Key": key})
    return await probed.client.post("/probes", json={"name": "probe"} | body, headers=headers)


async def times_done(probed: Probed) -> int:
    """Count what the work has left."""
    async with probed.sessions() as session:
        return int(await session.scalar(text("SELECT count(*) FROM probes")) or 0)


async def test_without_a_key_it_is_done_each_time(probed: Probed) -> None:
    for _ in range(2):
        assert (await send(probed, None)).status_code == 201

    assert await times_done(probed) == 2


async def test_sent_again_it_is_answered_again(probed: Probed) -> None:
    first, again = await send(probed, "k1"), await send(probed, "k1")

    assert (again.status_code, again.json()) == (201, first.json())
    assert await times_done(probed) == 1


async def test_sent_many_times_at_once_it_is_done_once(probed: Probed) -> None:
    responses = await asyncio.gather(*(send(probed, "k1") for _ in range(8)))

    assert {response.status_code for response in responses} == {201}
    assert len({response.json()["id"] for response in responses}) == 1
    assert await times_done(probed) == 1


async def test_a_key_is_for_one_request_of_one_user(probed: Probed) -> None:
    await send(probed, "k1")

    other_body = await send(probed, "k1", name="another")
    other_user = await send(probed, "k1", "eve")

    assert (other_body.status_code, other_body.json()["code"]) == (422, "idempotency-key-reused")
    assert other_user.status_code == 201
    assert await times_done(probed) == 2


async def test_work_that_failed_leaves_its_key_free(probed: Probed) -> None:
    failed = await send(probed, "k1", fail=True)

    assert failed.status_code == 409
    assert await times_done(probed) == 0
    assert (await send(probed, "k1")).status_code == 201


async def test_after_a_day_a_key_is_new_and_the_old_ones_are_gone(probed: Probed) -> None:
    await send(probed, "k1")
    await send(probed, "k2")
    async with probed.sessions.begin() as session:
        await session.execute(text("UPDATE idempotency_records SET created_at = now() - interval '25 hours'"))

    responses = await asyncio.gather(*(send(probed, "k1", name="tomorrow") for _ in range(4)))

    assert {response.status_code for response in responses} == {201}
    assert await times_done(probed) == 3
    async with probed.sessions() as session:
        assert (await session.scalars(text("SELECT key FROM idempotency_records"))).all() == ["k1"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ü"])
async def test_a_key_that_is_none_is_refused(probed: Probed, key: str) -> None:
    headers = [(name.encode(), value.encode()) for name, value in {"Caller": "ada", "Idempotency-Key": key}.items()]

    response = await probed.client.post("/probes", json={"name": "probe"}, headers=headers)

    assert response.status_code == 422
