"""The life of a refresh token, and what a stolen one is good for."""

import asyncio
import hashlib

import httpx2
import pytest
from sqlalchemy import text

from app import paths
from app.settings import API_PREFIX
from tests.service import ADA, LOGIN_FIELD, Service


async def log_in(service: Service) -> str:
    """Log in and give the refresh token."""
    token: str = (await service.log_in()).raise_for_status().json()["refresh_token"]
    return token


@pytest.fixture
async def token(service: Service) -> str:
    """The refresh token of somebody who has just logged in."""
    await service.new_account()
    return await log_in(service)


async def refresh(service: Service, token: object) -> httpx2.Response:
    """Try to exchange a refresh token."""
    return await service.client.post(paths.REFRESH, json={"refresh_token": token})


async def log_out(service: Service, token: object) -> httpx2.Response:
    """Try to log out."""
    return await service.client.post(paths.LOGOUT, json={"refresh_token": token})


async def assert_refused(service: Service, token: str) -> None:
    """Insist that a token is good for nothing."""
    response = await refresh(service, token)

    assert (response.status_code, response.json()["code"]) == (401, "invalid-refresh-token")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["www-authenticate"] == "Bearer"


async def test_it_is_exchanged_for_new_tokens_as_often_as_they_come_back(service: Service, token: str) -> None:
    seen = {token}
    for _ in range(3):
        tokens = (await refresh(service, token)).raise_for_status().json()
        token = tokens["refresh_token"]
        seen.add(token)

    me = await service.client.get(paths.ME, headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert me.json()[LOGIN_FIELD] == ADA
    assert tokens["expires_in"] == service.resources.settings.access_token_minutes * 60
    assert len(seen) == 4


async def test_only_its_digest_is_stored_and_for_the_days_of_the_settings(service: Service, token: str) -> None:
    async with service.resources.sessions() as session:
        row = (await session.execute(text("SELECT t.*, expires_at - created_at AS life FROM refresh_tokens t"))).one()

    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(row)
    assert row.life.days == service.resources.settings.refresh_token_days


async def test_used_again_it_ends_the_whole_family(service: Service, token: str) -> None:
    other_login = await log_in(service)
    newest = (await refresh(service, token)).json()["refresh_token"]

    await assert_refused(service, token)

    await assert_refused(service, newest)  # so the revocation was committed, although the answer was an error
    assert (await refresh(service, other_login)).status_code == 200


async def test_of_many_exchanges_at_once_one_wins_and_ends_with_its_family(service: Service, token: str) -> None:
    responses = await asyncio.gather(*(refresh(service, token) for _ in range(5)))

    assert sorted(response.status_code for response in responses) == [200] + [401] * 4
    (winner,) = (response.json()["refresh_token"] for response in responses if response.status_code == 200)
    await assert_refused(service, winner)


async def test_a_stolen_token_ends_the_family_even_while_it_grows(service: Service, token: str) -> None:
    second = (await refresh(service, token)).json()["refresh_token"]

    grown, stolen = await asyncio.gather(refresh(service, second), refresh(service, token))

    assert stolen.status_code == 401
    if grown.status_code == 200:
        await assert_refused(service, grown.json()["refresh_token"])
    else:
        assert grown.status_code == 401


async def test_expired_it_is_refused_and_nobody_is_suspected(service: Service, token: str) -> None:
    newest = (await refresh(service, await log_in(service))).json()["refresh_token"]
    async with service.resources.engine.begin() as connection:
        await connection.execute(
            text("UPDATE refresh_tokens SET expires_at = now() WHERE token_hash = :digest"),
            {"digest": hashlib.sha256(token.encode()).hexdigest()},
        )

    await assert_refused(service, token)

    async with service.resources.sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM token_families WHERE revoked_at IS NOT NULL")) == 0
    assert (await refresh(service, newest)).status_code == 200


async def test_logging_out_ends_one_family_and_may_be_repeated(service: Service, token: str) -> None:
    other_login = await log_in(service)
    newest = (await refresh(service, token)).json()["refresh_token"]

    for _ in range(2):
        response = await log_out(service, newest)
        assert (response.status_code, response.content) == (204, b"")

    await assert_refused(service, newest)
    assert (await refresh(service, other_login)).status_code == 200


async def test_logging_out_with_a_token_of_nobody_tells_nothing(service: Service) -> None:
    assert (await log_out(service, "x" * 43)).status_code == 204


async def test_it_goes_with_its_user(service: Service, token: str) -> None:
    async with service.resources.engine.begin() as connection:
        await connection.execute(text("DELETE FROM users"))

    await assert_refused(service, token)


async def test_it_opens_no_route(service: Service, token: str) -> None:
    response = await service.client.get(paths.ME, headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 401


@pytest.mark.parametrize("unknown", ["x", "x" * 128, "é", "' OR 1=1 --", "\U0001f511"])
async def test_a_token_of_nobody_is_refused(service: Service, unknown: str) -> None:
    await assert_refused(service, unknown)


@pytest.mark.parametrize("path", [paths.REFRESH, paths.LOGOUT])
@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"refresh_token": ""},
        {"refresh_token": "x" * 129},
        {"refresh_token": "a\x00b"},
        {"refresh_token": None},
        {"refresh_token": 2**64},
        {"refresh_token": ["x"]},
        {"refresh_token": "x", "family_id": "x"},
    ],
)
async def test_a_body_that_is_wrong_is_refused(service: Service, path: str, body: object) -> None:
    response = await service.client.post(path, json=body)

    assert response.status_code == 422


async def test_each_status_is_documented(service: Service) -> None:
    document = (await service.client.get("http://test/openapi.json")).json()["paths"]

    assert set(document[f"{API_PREFIX}{paths.REFRESH}"]["post"]["responses"]) == {"200", "400", "401", "413", "422"}
    assert set(document[f"{API_PREFIX}{paths.LOGOUT}"]["post"]["responses"]) == {"204", "400", "413", "422"}
