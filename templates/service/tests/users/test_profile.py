"""The fields of a profile: kept as they were sent, refused by name, changed one at a time."""

# % if fields
# + import datetime as dt
# + import uuid
# + from decimal import Decimal
# % endif
from typing import Any

import pytest

from app import paths
from app.domains.users.schemas import UserCreate
from tests.service import EVE, Account, Service

GOOD: dict[str, Any] = {
    # % if profile
    "display_name": "Countess",
    "bio": "first programmer",
    # % endif
    # % for field in fields
    # + "{{ field.name }}": {{ field.good }},
    # % endfor
}
OPTIONAL: list[str] = [
    # % if profile
    "bio",
    # % endif
    # % for field in fields if field.optional
    # + "{{ field.name }}",
    # % endfor
]
WRONG: list[tuple[str, object]] = [
    # % if profile
    ("display_name", ""),
    ("display_name", "x" * 101),
    ("display_name", "A\x00da"),
    ("display_name", None),
    ("display_name", 2**64),
    ("bio", "x" * 1001),
    ("bio", ["a list"]),
    # % endif
    # % for field in fields
    # % for value in field.wrong
    # + ("{{ field.name }}", {{ value }}),
    # % endfor
    # % endfor
]


@pytest.fixture
async def ada(service: Service) -> Account:
    """Somebody with an account."""
    return await service.new_account()


async def read(service: Service, account: Account) -> dict[str, Any]:
    """Read the own account."""
    response = await service.client.get(paths.ME, headers=account.headers)
    user: dict[str, Any] = response.raise_for_status().json()
    return user


async def test_what_was_registered_is_read(service: Service) -> None:
    account = await service.new_account(**GOOD)

    user = await read(service, account)

    assert {field: user[field] for field in GOOD} == GOOD


@pytest.mark.parametrize("field", OPTIONAL)
async def test_what_is_optional_may_be_null_or_missing(service: Service, field: str) -> None:
    nothing: dict[str, Any] = {field: None}
    null = await service.new_account(**nothing)
    body = service.registration(EVE)
    body.pop(field, None)

    assert (await read(service, null))[field] is None
    missing = UserCreate.model_validate(body)
    assert getattr(missing, field) == UserCreate.model_fields[field].default


# % if registration
async def test_an_answer_at_once_is_what_is_read_later(service: Service) -> None:
    response = await service.register(**GOOD)

    token = (await service.log_in()).raise_for_status().json()["access_token"]
    me = await service.client.get(paths.ME, headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()) == (201, me.json())


@pytest.mark.parametrize(("field", "value"), WRONG)
async def test_a_value_that_is_wrong_is_refused_by_name(service: Service, field: str, value: object) -> None:
    response = await service.client.post(paths.REGISTER, json=service.registration() | {field: value})

    assert response.status_code == 422
    assert [error["location"] for error in response.json()["errors"]] == [["body", field]]


# % endif
# % if profile_update
async def test_all_of_it_is_changed(service: Service, ada: Account) -> None:
    response = await service.client.patch(paths.ME, json=GOOD, headers=ada.headers)

    assert response.status_code == 200
    changed = await read(service, ada)
    assert changed == response.json()
    assert {field: changed[field] for field in GOOD} == GOOD
    assert changed["updated_at"] > changed["created_at"]


@pytest.mark.parametrize("field", GOOD)
async def test_a_field_that_is_not_sent_stays(service: Service, ada: Account, field: str) -> None:
    before = await read(service, ada)

    await service.client.patch(paths.ME, json={field: GOOD[field]}, headers=ada.headers)

    after = await read(service, ada)
    assert after[field] == GOOD[field]
    untouched = GOOD.keys() - {field}
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}


@pytest.mark.parametrize("field", OPTIONAL)
async def test_what_is_optional_is_cleared_by_null(service: Service, field: str) -> None:
    account = await service.new_account(**GOOD)

    response = await service.client.patch(paths.ME, json={field: None}, headers=account.headers)

    assert response.status_code == 200
    assert await read(service, account) | GOOD | {field: None} == response.json()


@pytest.mark.parametrize(("field", "value"), WRONG)
async def test_a_change_that_is_wrong_is_refused_by_name(
    service: Service, ada: Account, field: str, value: object
) -> None:
    before = await read(service, ada)

    response = await service.client.patch(paths.ME, json={field: value}, headers=ada.headers)

    assert response.status_code == 422
    assert {tuple(error["location"][:2]) for error in response.json()["errors"]} == {("body", field)}
    assert await read(service, ada) == before


# % endif
# % for field in fields if field.unique
# + async def test_a_{{ field.name }}_belongs_to_one_account(service: Service, ada: Account) -> None:
# +     taken = {"{{ field.name }}": {{ field.good }}}
# +     await service.new_account(EVE, **taken)
# %     if registration
# +
# +     registered = await service.register("grace" + EVE, **taken)
# +
# +     assert (registered.status_code, registered.json()["code"]) == (409, "{{ field.code }}-taken")
# %     endif
# %     if profile_update
# +
# +     changed = await service.client.patch(paths.ME, json=taken, headers=ada.headers)
# +
# +     assert (changed.status_code, changed.json()["code"]) == (409, "{{ field.code }}-taken")
# %     endif
# +     assert (await read(service, ada))["{{ field.name }}"] != taken["{{ field.name }}"]
# +
# +
# % endfor
