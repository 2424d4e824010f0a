"""API keys alone, in an application that has nothing else."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Annotated, Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import Depends, FastAPI, Header
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.problems import add_problem_handlers

# % if service
from app.domains.api_keys.dependencies import ApiKeyServiceDep, api_key_header

# % else
# + from app.domains.api_keys.dependencies import get_caller, require_scope
# % endif
from app.domains.api_keys.models import ApiKey
from app.domains.api_keys.router import router
from app.domains.api_keys.schemas import Scope

# % if service
from app.domains.auth.dependencies import get_caller

# % endif
from tests.core.tables import tables_alone

pytestmark = pytest.mark.asyncio

# = ADA, EVE = {{ two_callers }}
ADA, EVE = uuid.UUID(int=1), uuid.UUID(int=2)
CALLERS = {"ada": ADA, "eve": EVE}
SCOPE = next(iter(Scope))


async def believe(caller: Annotated[str, Header()]) -> SimpleNamespace:
    """Believe callers who they are."""
    return SimpleNamespace(id=CALLERS[caller])


# % if service
async def read_owner(keys: ApiKeyServiceDep, sent: Annotated[str, Depends(api_key_header)]) -> str:
    """Say whose the key is."""
    return str((await keys.recognise(sent, SCOPE)).user_id)


# % else
# + async def read_owner(key: Annotated[ApiKey, Depends(require_scope(SCOPE))]) -> str:
# +     """Say whose the key is."""
# +     return key.user_id
# % endif
@dataclass(frozen=True)
class Shop:
    """A client of an application that takes keys, and its database."""

    client: httpx2.AsyncClient
    sessions: async_sessionmaker[AsyncSession]

    async def create(self, caller: str = "ada", **fields: object) -> dict[str, Any]:
        """Create a key that is good for the route."""
        body = {"name": "nightly export", "scopes": [SCOPE]} | fields
        response = await self.client.post("/api-keys", json=body, headers={"Caller": caller})
        created: dict[str, Any] = response.raise_for_status().json()
        return created

    async def listed(self, caller: str) -> list[dict[str, Any]]:
        """List somebody's keys."""
        response = await self.client.get("/api-keys", headers={"Caller": caller})
        keys: list[dict[str, Any]] = response.raise_for_status().json()
        return keys

    async def send(self, key: str) -> httpx2.Response:
        """Send a key to the route that it opens."""
        return await self.client.get("/owner", headers={"X-API-Key": key})

    async def change(self, assignment: str) -> None:
        """Change every stored key, past all routes."""
        async with self.sessions.begin() as session:
            await session.execute(text(f"UPDATE api_keys SET {assignment}"))  # noqa: S608 - written below


@pytest_asyncio.fixture
async def shop(empty_database_url: str) -> AsyncIterator[Shop]:
    """An application with the routes for keys, and one that keys open."""
    app = FastAPI()
    app.include_router(router)
    app.get("/owner")(read_owner)
    add_problem_handlers(app)
    app.dependency_overrides[get_caller] = believe
    transport = httpx2.ASGITransport(app=app)
    async with (
        tables_alone(empty_database_url, ApiKey) as app.state.sessions,
        httpx2.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield Shop(client, app.state.sessions)


async def test_a_key_is_shown_once_and_says_whose_it_is(shop: Shop) -> None:
    created = await shop.create()
    answer = await shop.send(created["key"])

    prefix, _, secret = created.pop("key").partition("_")
    assert prefix == created["prefix"]
    assert [key["id"] for key in await shop.listed("ada")] == [created["id"]]
    assert answer.json() == str(ADA)
    async with shop.sessions() as session:
        assert secret not in str((await session.execute(text("SELECT * FROM api_keys"))).one())


async def test_what_is_no_key_any_more_or_never_was_opens_nothing(shop: Shop) -> None:
    good, other = (await shop.create())["key"], (await shop.create())["key"]
    deleted = await shop.create()
    await shop.client.delete(f"/api-keys/{deleted['id']}", headers={"Caller": "ada"})

    for wrong in (deleted["key"], f"{good[:17]}{other[17:]}", good[:-1], f"{'0' * 16}_{'x' * 43}", "rubbish"):
        answer = await shop.send(wrong)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid-api-key"), wrong
    assert (await shop.send(good)).status_code == 200


async def test_a_key_ends_when_it_expires(shop: Shop) -> None:
    key = (await shop.create())["key"]
    await shop.change("expires_at = now()")

    assert (await shop.send(key)).status_code == 401


async def test_without_the_scope_a_key_is_refused(shop: Shop) -> None:
    key = (await shop.create())["key"]
    await shop.change("scopes = '{another}'")

    answer = await shop.send(key)

    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")


async def test_somebody_elses_key_does_not_exist(shop: Shop) -> None:
    key = await shop.create()

    deleted = await shop.client.delete(f"/api-keys/{key['id']}", headers={"Caller": "eve"})

    assert (deleted.status_code, await shop.listed("eve")) == (404, [])
    assert (await shop.send(key["key"])).status_code == 200


async def test_a_use_is_noted(shop: Shop) -> None:
    key = await shop.create()
    await shop.send(key["key"])

    assert key["last_used_at"] is None
    assert (await shop.listed("ada"))[0]["last_used_at"] is not None


async def test_a_scope_that_is_none_is_refused(shop: Shop) -> None:
    body = {"name": "nightly export", "scopes": ["no such scope"]}

    assert (await shop.client.post("/api-keys", json=body, headers={"Caller": "ada"})).status_code == 422


# % if not service
# + async def test_without_a_key_nobody_comes_in(shop: Shop) -> None:
# +     assert (await shop.client.get("/owner")).status_code == 401
# % endif
