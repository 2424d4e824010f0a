"""Members and admins."""

import httpx2
import pytest
from sqlalchemy import text

from app import paths
from app.settings import API_PREFIX
from tests.service import ADA, EVE, LOGIN_FIELD, PASSWORD, Account, Service


async def set_role(service: Service, account: Account, role: str) -> None:
    """Give a user a role, past every route."""
    async with service.resources.engine.begin() as connection:
        await connection.execute(text("UPDATE users SET role = :role WHERE id = :id"), {"role": role, "id": account.id})


@pytest.fixture
async def member(service: Service) -> Account:
    """Somebody who registered."""
    return await service.new_account(ADA)


@pytest.fixture
async def admin(service: Service, member: Account) -> Account:
    """The same, promoted."""
    await set_role(service, member, "admin")
    return member


async def logins(service: Service, admin: Account, **query: str | int) -> list[str]:
    """Read a page, and name the users."""
    response = await service.client.get(paths.USERS, params=query, headers=admin.headers)
    return [user[LOGIN_FIELD] for user in response.raise_for_status().json()["items"]]


async def test_an_admin_lists_all_users_page_by_page(service: Service, admin: Account) -> None:
    others = [f"{number}{EVE}" for number in range(1, 5)]
    for other in others:
        await service.new_account(other)
    async with service.resources.engine.begin() as connection:  # at one moment: the key decides
        await connection.execute(
            text("UPDATE users SET created_at = now() + interval '1 hour' WHERE id <> :id"), {"id": admin.id}
        )

    newest_first = [login for offset in (0, 2, 4) for login in await logins(service, admin, limit=2, offset=offset)]
    oldest_first = await logins(service, admin, sort="created_at")
    beyond = (await service.client.get(paths.USERS, params={"offset": 5}, headers=admin.headers)).json()

    assert newest_first[-1] == oldest_first[0] == admin.login
    assert newest_first == oldest_first[::-1]
    assert set(newest_first[:-1]) == set(others)
    assert beyond == {"items": [], "total": 5}


async def test_the_listing_shows_what_each_user_sees_and_no_more(service: Service, admin: Account) -> None:
    me = (await service.client.get(paths.ME, headers=admin.headers)).json()

    page = (await service.client.get(paths.USERS, headers=admin.headers)).json()

    assert page == {"items": [me], "total": 1}
    assert me["role"] == "admin"
    assert "password" not in str(page)


async def test_a_member_is_refused_and_nobody_is_asked_who_they_are(service: Service, member: Account) -> None:
    refused = await service.client.get(paths.USERS, headers=member.headers)
    unknown = await service.client.get(paths.USERS)

    assert (refused.status_code, refused.json()["code"]) == (403, "admins-only")
    assert refused.headers["content-type"] == "application/problem+json"
    assert unknown.status_code == 401


async def test_a_role_that_is_taken_away_is_gone_at_once(service: Service, admin: Account) -> None:
    await set_role(service, admin, "member")

    assert (await service.client.get(paths.USERS, headers=admin.headers)).status_code == 403


@pytest.mark.parametrize("field", [{"role": "admin"}, {"is_admin": True}, {"Role": "admin"}])
async def test_nobody_makes_themselves_an_admin(service: Service, member: Account, field: dict[str, object]) -> None:
    attempts: list[httpx2.Response] = [
        # % if registration
        await service.register(EVE, **field),
        # % endif
        # % if profile_update
        await service.client.patch(paths.ME, json=field, headers=member.headers),
        # % endif
        # % if password_change
        await service.client.put(
            paths.PASSWORD,
            json={"current_password": PASSWORD, "new_password": PASSWORD} | field,
            headers=member.headers,
        ),
        # % endif
    ]

    assert {response.status_code for response in attempts} <= {422}
    me = (await service.client.get(paths.ME, headers=member.headers)).json()
    assert me["role"] == "member"
    assert (await service.log_in(EVE)).status_code == 401


# % if registration
async def test_a_role_in_the_query_of_a_registration_does_nothing(service: Service) -> None:
    response = await service.client.post(paths.REGISTER, params={"role": "admin"}, json=service.registration())

    assert response.json()["role"] == "member"


# % endif
@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"offset": "-1"},
        {"offset": "10001"},
        {"offset": str(2**64)},
        {"sort": "email"},
        {"cursor": "rubbish"},
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(service: Service, admin: Account, query: dict[str, str]) -> None:
    response = await service.client.get(paths.USERS, params=query, headers=admin.headers)

    assert response.status_code == 422


async def test_each_status_is_documented(service: Service) -> None:
    document = (await service.client.get("http://test/openapi.json")).json()

    assert set(document["paths"][f"{API_PREFIX}{paths.USERS}"]["get"]["responses"]) == {"200", "401", "403", "422"}
