"""Registration and the own profile, as clients and attackers meet them."""

import asyncio
import json

import pytest

from app.settings import API_PREFIX
from tests.service import PASSWORD, Service


async def test_registration_answers_with_the_user_and_never_the_password(service: Service) -> None:
    response = await service.register("Ada@Example.com", bio="first programmer")

    assert response.status_code == 201
    assert response.headers["location"] == f"{API_PREFIX}/users/me"
    user = response.json()
    assert user["email"] == "ada@example.com"
    assert user["bio"] == "first programmer"
    shown = {"id", "email", "display_name", "bio", "created_at", "updated_at"}
    # % if roles
    shown.add("role")
    # % endif
    assert set(user) == shown


async def test_an_address_registers_once_in_any_case(service: Service) -> None:
    await service.register("ada@example.com")

    response = await service.register("ADA@example.COM")

    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "email-taken"


async def test_of_many_registrations_at_once_one_wins(service: Service) -> None:
    responses = await asyncio.gather(*(service.register("ada@example.com") for _ in range(8)))

    assert sorted(response.status_code for response in responses) == [201] + [409] * 7


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": f"{'a' * 250}@example.com"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"display_name": ""}, "display_name"),
        ({"display_name": "x" * 101}, "display_name"),
        ({"display_name": "A\x00da"}, "display_name"),
        ({"password": "correct horse\x00battery"}, "password"),
        ({"display_name": None}, "display_name"),
        ({"display_name": 2**64}, "display_name"),
        ({"email": 2**64}, "email"),
        ({"bio": ["a list"]}, "bio"),
        ({"is_admin": True}, "is_admin"),
    ],
)
async def test_a_field_that_is_wrong_is_named(service: Service, change: dict[str, object], field: str) -> None:
    response = await service.register(**change)  # type: ignore[arg-type]

    assert response.status_code == 422
    assert [error["location"] for error in response.json()["errors"]] == [["body", field]]


async def test_half_a_character_is_refused(service: Service) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD, "display_name": "\ud800"}

    response = await service.client.post(
        "/users", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 422
    assert response.json()["errors"][0]["location"] == ["body", "display_name"]


async def test_nul_in_the_address_is_refused(service: Service) -> None:
    response = await service.register("a\x00da@example.com")

    assert response.status_code == 422


async def test_the_profile_is_read_and_changed(service: Service) -> None:
    account = await service.new_account()

    response = await service.client.patch(
        "/users/me", json={"display_name": "Countess", "bio": "poet"}, headers=account.headers
    )

    assert response.status_code == 200
    changed = (await service.client.get("/users/me", headers=account.headers)).json()
    assert changed == response.json()
    assert (changed["display_name"], changed["bio"]) == ("Countess", "poet")
    assert changed["updated_at"] > changed["created_at"]


async def test_a_field_that_is_not_sent_stays(service: Service) -> None:
    account = await service.new_account()
    await service.client.patch("/users/me", json={"bio": "poet"}, headers=account.headers)

    unchanged = await service.client.patch("/users/me", json={}, headers=account.headers)
    cleared = await service.client.patch("/users/me", json={"bio": None}, headers=account.headers)

    assert unchanged.json()["bio"] == "poet"
    assert (cleared.json()["display_name"], cleared.json()["bio"]) == ("Ada", None)


@pytest.mark.parametrize("change", [{"display_name": None}, {"display_name": 2**63}, {"email": "b@example.com"}])
async def test_a_change_that_is_not_allowed_is_refused(service: Service, change: dict[str, object]) -> None:
    account = await service.new_account()

    response = await service.client.patch("/users/me", json=change, headers=account.headers)

    assert response.status_code == 422
    assert (await service.client.get("/users/me", headers=account.headers)).json()["display_name"] == "Ada"


async def test_what_was_sent_is_never_repeated(service: Service) -> None:
    for body in ({"password": PASSWORD}, {"email": PASSWORD, "password": [PASSWORD]}, [PASSWORD], PASSWORD):
        response = await service.client.post("/users", json=body)

        assert response.status_code == 422
        assert PASSWORD not in response.text
