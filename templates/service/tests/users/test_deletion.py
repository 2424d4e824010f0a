"""Deleting the own account, and what is gone with it."""

import asyncio

import httpx2
import pytest
from sqlalchemy import text

from app import paths
from app.core.database import Base
from app.settings import API_PREFIX
from tests.service import EVE, PASSWORD, Account, Service


@pytest.fixture
async def ada(service: Service) -> Account:
    """Somebody with an account."""
    return await service.new_account()


async def delete(service: Service, owner: Account, **body: object) -> httpx2.Response:
    """Try to delete the account."""
    return await service.client.request("DELETE", paths.ME, json={"password": PASSWORD} | body, headers=owner.headers)


async def test_with_the_password_the_account_is_gone_and_its_tokens_void(service: Service, ada: Account) -> None:
    response = await delete(service, ada)

    assert (response.status_code, response.content) == (204, b"")
    me = await service.client.get(paths.ME, headers=ada.headers)
    assert (me.status_code, me.json()["code"]) == (401, "invalid-token")
    assert (await service.log_in()).status_code == 401


async def test_nothing_of_it_is_left_and_the_name_is_free(service: Service, ada: Account) -> None:
    await service.log_in()
    # % if example
    task = await service.client.post("/tasks", json={"title": "Write"}, headers=ada.headers | {"Idempotency-Key": "k"})
    assert task.status_code == 201
    # % endif
    # % if api_keys
    wanted = {"name": "nightly export", "scopes": ["profile:read"]}
    key = (await service.client.post("/api-keys", json=wanted, headers=ada.headers)).json()["key"]
    # % endif

    await delete(service, ada)

    # % if api_keys
    assert (await service.client.get(paths.ME, headers={"X-API-Key": key})).status_code == 401
    # % endif
    async with service.resources.sessions() as session:
        for table in Base.metadata.sorted_tables:
            assert await session.scalar(text(f"SELECT count(*) FROM {table.name}")) == 0, table.name  # noqa: S608
    assert (await service.new_account()).login == ada.login


async def test_others_stay(service: Service, ada: Account) -> None:
    eve = await service.new_account(EVE)

    await delete(service, ada)

    assert (await service.client.get(paths.ME, headers=eve.headers)).status_code == 200


async def test_without_the_password_nothing_is_deleted(service: Service, ada: Account) -> None:
    wrong = await delete(service, ada, password="not the password")
    nobody = await service.client.request("DELETE", paths.ME, json={"password": PASSWORD})

    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong-password")
    assert nobody.status_code == 401
    assert (await service.client.get(paths.ME, headers=ada.headers)).status_code == 200


async def test_of_two_deletions_at_once_one_wins(service: Service, ada: Account) -> None:
    responses = await asyncio.gather(delete(service, ada), delete(service, ada))

    assert sorted(response.status_code == 204 for response in responses) == [False, True]
    assert {response.status_code for response in responses} <= {204, 401, 403}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": ""}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"password": "a\x00b"}, "password"),
        ({"password": None}, "password"),
        ({"user_id": 1}, "user_id"),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_not_repeated(
    service: Service, ada: Account, body: dict[str, object], field: str
) -> None:
    response = await delete(service, ada, **body)

    assert response.status_code == 422
    assert [error["location"] for error in response.json()["errors"]] == [["body", field]]
    assert PASSWORD not in response.text


async def test_each_status_is_documented(service: Service) -> None:
    document = (await service.client.get("http://test/openapi.json")).json()

    responses = document["paths"][f"{API_PREFIX}{paths.ME}"]["delete"]["responses"]
    # = assert set(responses) == {"204", "400", "401", "403", "413", "422"{{ ', "429"' if rate_limit else "" }}}
    assert set(responses) == {"204", "400", "401", "403", "413", "422", "429"}
