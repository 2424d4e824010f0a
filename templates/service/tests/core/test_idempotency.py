"""A request that is sent again does its work once: tried on a route of its own, so that no other one is needed."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import APIRouter, status
from pydantic import BaseModel
from sqlalchemy import text

from app.core.database import SessionDep
from app.core.errors import ConflictError
from app.core.idempotency import IdempotencyDep
from app.settings import API_PREFIX
from tests.service import EVE, Account, Service, run_service, settings_for

probes = APIRouter(prefix="/probes")
INSERT = text("INSERT INTO probes (name) VALUES (:name) RETURNING id")


class Probe(BaseModel):
    """What is sent: a name for the row that the work leaves, and whether to fail after it."""

    name: str
    fail: bool = False


class Created(BaseModel):
    """What is answered."""

    id: int


@probes.post("", status_code=status.HTTP_201_CREATED)
async def create_probe(probe: Probe, session: SessionDep, idempotency: IdempotencyDep) -> Created:
    """Do work that leaves a row each time it is done."""

    async def work() -> Created:
        created = await session.scalar(INSERT, {"name": probe.name})
        if probe.fail:
            raise ConflictError
        return Created(id=created or 0)

    return await idempotency.once("create-probe", probe, Created, work)()


@pytest.fixture
async def probed(service: Service, database_url: str) -> AsyncIterator[Service]:
    """The service with that route, and a table for it."""
    async with run_service(settings_for(database_url)) as running:
        running.app.include_router(probes, prefix=API_PREFIX)
        async with running.resources.engine.begin() as connection:
            await connection.execute(text("CREATE TABLE probes (id serial PRIMARY KEY, name text NOT NULL)"))
        yield running
        async with running.resources.engine.begin() as connection:
            await connection.execute(text("DROP TABLE probes"))


@pytest.fixture
async def ada(probed: Service) -> Account:
    """Somebody with an account."""
    return await probed.new_account()


async def send(service: Service, owner: Account, key: str | None, **body: object) -> httpx2.Response:
    """Ask for the work, with a key or without."""
    headers = owner.headers | ({} if key is None else {"Idempotency-Key": key})
    return await service.client.post("/probes", json={"name": "probe"} | body, headers=headers)


async def times_done(service: Service) -> int:
    """Count what the work has left."""
    async with service.resources.sessions() as session:
        return int(await session.scalar(text("SELECT count(*) FROM probes")) or 0)


async def test_without_a_key_it_is_done_each_time(probed: Service, ada: Account) -> None:
    for _ in range(2):
        assert (await send(probed, ada, None)).status_code == 201

    assert await times_done(probed) == 2


async def test_sent_again_it_is_answered_again(probed: Service, ada: Account) -> None:
    first, again = await send(probed, ada, "k1"), await send(probed, ada, "k1")

    assert (again.status_code, again.json()) == (201, first.json())
    assert await times_done(probed) == 1


async def test_sent_many_times_at_once_it_is_done_once(probed: Service, ada: Account) -> None:
    responses = await asyncio.gather(*(send(probed, ada, "k1") for _ in range(8)))

    assert {response.status_code for response in responses} == {201}
    assert len({response.json()["id"] for response in responses}) == 1
    assert await times_done(probed) == 1


async def test_a_key_is_for_one_request_of_one_user(probed: Service, ada: Account) -> None:
    eve = await probed.new_account(EVE)
    await send(probed, ada, "k1")

    other_body = await send(probed, ada, "k1", name="another")
    other_user = await send(probed, eve, "k1")

    assert (other_body.status_code, other_body.json()["code"]) == (422, "idempotency-key-reused")
    assert other_user.status_code == 201
    assert await times_done(probed) == 2


async def test_work_that_failed_leaves_its_key_free(probed: Service, ada: Account) -> None:
    failed = await send(probed, ada, "k1", fail=True)

    assert failed.status_code == 409
    assert await times_done(probed) == 0
    assert (await send(probed, ada, "k1")).status_code == 201


async def test_after_a_day_a_key_is_new_and_the_old_ones_are_gone(probed: Service, ada: Account) -> None:
    await send(probed, ada, "k1")
    await send(probed, ada, "k2")
    async with probed.resources.engine.begin() as connection:
        await connection.execute(text("UPDATE idempotency_records SET created_at = now() - interval '25 hours'"))

    responses = await asyncio.gather(*(send(probed, ada, "k1", name="tomorrow") for _ in range(4)))

    assert {response.status_code for response in responses} == {201}
    assert await times_done(probed) == 3
    async with probed.resources.sessions() as session:
        assert (await session.scalars(text("SELECT key FROM idempotency_records"))).all() == ["k1"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ü"])
async def test_a_key_that_is_none_is_refused(probed: Service, ada: Account, key: str) -> None:
    headers = [(name.encode(), value.encode()) for name, value in (ada.headers | {"Idempotency-Key": key}).items()]

    response = await probed.client.post("/probes", json={"name": "probe"}, headers=headers)

    assert response.status_code == 422
