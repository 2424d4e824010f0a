"""Registration and the own account, as clients and attackers meet them."""

import asyncio
from typing import Any

import pytest

from app import paths
from app.settings import API_PREFIX
from tests.service import ADA, LOGIN_FIELD, PASSWORD, Service, profile

SHOWN = {"id", LOGIN_FIELD, "created_at", "updated_at"} | profile(1).keys()
# % if profile
SHOWN |= {"bio"}
# % endif
# % if roles
SHOWN |= {"role"}
# % endif


async def test_the_account_shows_what_it_has_and_nothing_secret(service: Service) -> None:
    account = await service.new_account()

    response = await service.client.get(paths.ME, headers=account.headers)

    assert response.status_code == 200
    assert set(response.json()) == SHOWN


# % if registration
async def test_registration_answers_with_the_user_and_never_the_password(service: Service) -> None:
    response = await service.register(ADA.capitalize())

    assert response.status_code == 201
    assert response.headers["location"] == f"{API_PREFIX}{paths.ME}"
    assert response.json()[LOGIN_FIELD] == ADA
    assert set(response.json()) == SHOWN
    assert PASSWORD not in response.text


async def test_a_name_registers_once_in_any_case(service: Service) -> None:
    await service.register(ADA)

    response = await service.register(ADA.upper())

    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == f"{LOGIN_FIELD}-taken"


async def test_of_many_registrations_at_once_one_wins(service: Service) -> None:
    responses = await asyncio.gather(*(service.register(ADA) for _ in range(8)))

    assert sorted(response.status_code for response in responses) == [201] + [409] * 7


@pytest.mark.parametrize(
    ("change", "field"),
    [
        # % if login == "email"
        ({"email": "nobody"}, "email"),
        ({"email": f"{'a' * 250}@example.com"}, "email"),
        # % else
        # + ({"username": "al"}, "username"),
        # + ({"username": "a" * 51}, "username"),
        # + ({"username": "ada lovelace"}, "username"),
        # + ({"username": "ada@example.com"}, "username"),
        # + ({"username": "_ada"}, "username"),
        # + ({"username": "adä"}, "username"),
        # + ({"username": "ada\n"}, "username"),
        # % endif
        ({LOGIN_FIELD: "a\x00da@example.com"}, LOGIN_FIELD),
        ({LOGIN_FIELD: 2**64}, LOGIN_FIELD),
        ({LOGIN_FIELD: None}, LOGIN_FIELD),
        ({"password": "short"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"password": "correct horse\x00battery"}, "password"),
        ({"is_admin": True}, "is_admin"),
    ],
)
async def test_a_field_that_is_wrong_is_named(service: Service, change: dict[str, Any], field: str) -> None:
    response = await service.client.post(paths.REGISTER, json=service.registration() | change)

    assert response.status_code == 422
    assert [error["location"] for error in response.json()["errors"]] == [["body", field]]


async def test_half_a_character_is_refused(service: Service) -> None:
    body = b'{"%s": "ada\\ud800", "password": "%s"}' % (LOGIN_FIELD.encode(), PASSWORD.encode())

    response = await service.client.post(paths.REGISTER, content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 422
    assert response.json()["errors"][0]["location"] == ["body", LOGIN_FIELD]


async def test_what_was_sent_is_never_repeated(service: Service) -> None:
    for body in ({"password": PASSWORD}, {LOGIN_FIELD: PASSWORD, "password": [PASSWORD]}, [PASSWORD], PASSWORD):
        response = await service.client.post(paths.REGISTER, json=body)

        assert response.status_code == 422
        assert PASSWORD not in response.text


# % endif
# % if profile_update
async def test_a_change_of_nothing_changes_nothing(service: Service) -> None:
    account = await service.new_account()
    before = (await service.client.get(paths.ME, headers=account.headers)).json()

    response = await service.client.patch(paths.ME, json={}, headers=account.headers)

    assert (response.status_code, response.json()) == (200, before)


@pytest.mark.parametrize(
    "change", [{LOGIN_FIELD: "eve@example.com"}, {"id": 1}, {"password": PASSWORD}, {"created_at": None}]
)
async def test_what_is_no_profile_is_not_changed(service: Service, change: dict[str, object]) -> None:
    account = await service.new_account()

    response = await service.client.patch(paths.ME, json=change, headers=account.headers)

    assert response.status_code == 422
    assert (await service.client.get(paths.ME, headers=account.headers)).json()[LOGIN_FIELD] == ADA


# % endif
# % if not registration
# + async def test_nobody_registers_from_outside(service: Service) -> None:
# +     response = await service.client.post(paths.REGISTER, json=service.registration())
# +
# +     assert response.status_code in {404, 405}
# +     assert (await service.log_in()).status_code == 401
# +
# +
# % endif
