"""Changing the password, and what is void afterwards."""

import asyncio

import httpx2
import pytest

from app import paths
from app.settings import API_PREFIX
from tests.service import EVE, PASSWORD, Account, Service

NEW_PASSWORD = "an even longer horse battery"


@pytest.fixture
async def ada(service: Service) -> Account:
    """Somebody with an account."""
    return await service.new_account()


async def change(
    service: Service, owner: Account, current: object = PASSWORD, new: object = NEW_PASSWORD, **more: object
) -> httpx2.Response:
    """Try to change the password."""
    body = {"current_password": current, "new_password": new} | more
    return await service.client.put(paths.PASSWORD, json=body, headers=owner.headers)


async def status_with(service: Service, access_token: str) -> int:
    """Tell how a request with the token is answered."""
    headers = {"Authorization": f"Bearer {access_token}"}
    return (await service.client.get(paths.ME, headers=headers)).status_code


async def test_tokens_from_right_before_are_void_and_those_from_right_after_good(
    service: Service, ada: Account
) -> None:
    response = await change(service, ada)
    before = await service.client.get(paths.ME, headers=ada.headers)
    old_password = await service.log_in()
    after = (await service.log_in(password=NEW_PASSWORD)).raise_for_status().json()

    assert (response.status_code, response.content) == (204, b"")
    assert (before.status_code, before.json()["code"]) == (401, "invalid-token")
    assert old_password.status_code == 401
    assert await status_with(service, after["access_token"]) == 200


async def test_others_stay_logged_in(service: Service, ada: Account) -> None:
    eve = await service.new_account(EVE)

    await change(service, ada)

    assert (await service.client.get(paths.ME, headers=eve.headers)).status_code == 200


async def test_without_the_current_password_nothing_changes(service: Service, ada: Account) -> None:
    response = await change(service, ada, current="not the password")

    assert (response.status_code, response.json()["code"]) == (403, "wrong-password")
    assert (await service.client.get(paths.ME, headers=ada.headers)).status_code == 200
    assert (await service.log_in()).status_code == 200


async def test_nobody_changes_nothing(service: Service) -> None:
    response = await service.client.put(
        paths.PASSWORD, json={"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    )

    assert response.status_code == 401


async def test_of_two_changes_at_once_one_wins(service: Service, ada: Account) -> None:
    passwords = ["the first of two passwords", "the second of two passwords"]

    responses = await asyncio.gather(*(change(service, ada, new=password) for password in passwords))

    won = [response.status_code == 204 for response in responses]
    assert sorted(won) == [False, True]
    assert {response.status_code for response in responses} <= {204, 401, 403}
    log_ins = [await service.log_in(password=password) for password in passwords]
    assert [response.status_code == 200 for response in log_ins] == won


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"new": "short"}, "new_password"),
        ({"new": "x" * 129}, "new_password"),
        ({"new": "correct horse\x00battery"}, "new_password"),
        ({"new": None}, "new_password"),
        ({"current": ""}, "current_password"),
        ({"current": "x" * 129}, "current_password"),
        ({"current": "a\x00b"}, "current_password"),
        ({"current": 2**64}, "current_password"),
        ({"token_version": 1}, "token_version"),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_not_repeated(
    service: Service, ada: Account, body: dict[str, object], field: str
) -> None:
    response = await change(service, ada, **body)

    assert response.status_code == 422
    assert [error["location"] for error in response.json()["errors"]] == [["body", field]]
    assert PASSWORD not in response.text
    assert NEW_PASSWORD not in response.text


# % if profile_update
async def test_nobody_sets_the_version_of_the_own_tokens(service: Service, ada: Account) -> None:
    response = await service.client.patch(paths.ME, json={"token_version": 9}, headers=ada.headers)

    assert response.status_code == 422
    assert (await service.client.get(paths.ME, headers=ada.headers)).status_code == 200


# % endif
# % if api_keys
async def test_api_keys_stay_good(service: Service, ada: Account) -> None:
    wanted = {"name": "nightly export", "scopes": ["profile:read"]}
    created = await service.client.post("/api-keys", json=wanted, headers=ada.headers)

    await change(service, ada)

    headers = {"X-API-Key": created.json()["key"]}
    assert (await service.client.get(paths.ME, headers=headers)).status_code == 200


# % endif
# % if refresh_tokens
async def refresh(service: Service, token: str) -> httpx2.Response:
    """Try to exchange a refresh token."""
    return await service.client.post(paths.REFRESH, json={"refresh_token": token})


async def test_refresh_tokens_from_before_are_void_too(service: Service, ada: Account) -> None:
    before = (await service.log_in()).json()["refresh_token"]

    await change(service, ada)

    assert (await refresh(service, before)).status_code == 401
    after = (await service.log_in(password=NEW_PASSWORD)).json()["refresh_token"]
    renewed = (await refresh(service, after)).raise_for_status().json()
    assert await status_with(service, renewed["access_token"]) == 200


async def test_what_is_begun_at_the_same_moment_does_not_survive_the_change(service: Service, ada: Account) -> None:
    token = (await service.log_in()).json()["refresh_token"]

    changed, *begun = await asyncio.gather(change(service, ada), service.log_in(), refresh(service, token))

    assert changed.status_code == 204
    for response in begun:
        assert response.status_code in {200, 401}
        if response.status_code == 200:
            assert await status_with(service, response.json()["access_token"]) == 401
            assert (await refresh(service, response.json()["refresh_token"])).status_code == 401


# % endif
async def test_each_status_is_documented(service: Service) -> None:
    document = (await service.client.get("http://test/openapi.json")).json()

    responses = document["paths"][f"{API_PREFIX}{paths.PASSWORD}"]["put"]["responses"]
    # = assert set(responses) == {"204", "400", "401", "403", "413", "422"{{ ', "429"' if rate_limit else "" }}}
    assert set(responses) == {"204", "400", "401", "403", "413", "422", "429"}
