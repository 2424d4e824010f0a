"""Museum pieces, as clients and strangers would try them."""

# + import datetime as dt
# + import uuid
# + from datetime import datetime
# + from decimal import Decimal
from typing import Any

import pytest
from pydantic_core import to_jsonable_python
from sqlalchemy import func, select, text

from app.core.keys import Key
from app.domains.museum_pieces.models import MuseumPiece
from tests.museum_pieces.sample import new_museum_piece
from tests.service import EVE, NOBODYS_KEY, Account, Service

# % for field in fields if field.ref and field.ref.name != name
# + from tests.{{ field.ref.folder }}.sample import new_{{ field.ref.snake }}
# % endfor

# % if create or update
WRONG: list[tuple[str, Any]] = [
    # % for field in fields
    # % for value in field.wrong
    # = ("{{ field.name }}", {{ value }}),
    ("name", None),
    # % endfor
    # % endfor
]
# % endif


@pytest.fixture
async def ada(service: Service) -> Account:
    """Somebody with an account."""
    return await service.new_account()


# % if create or update
async def body(service: Service, owner: Account) -> dict[str, Any]:
    """Make what a museum piece is sent as."""
    return {
        # % for field in fields if not field.ref
        # = "{{ field.name }}": {{ field.good }},
        "name": "Name",
        # % endfor
        # % for field in fields if field.ref
        # + "{{ field.name }}": to_jsonable_python((await new_{{ field.ref.snake }}(service, owner)).id),
        # % endfor
    }


# % endif
async def stored(service: Service) -> int:
    """Count the rows of the table."""
    async with service.resources.sessions() as session:
        return await session.scalar(select(func.count()).select_from(MuseumPiece)) or 0


# % if list
async def listed(service: Service, owner: Account, /, **query: Any) -> list[Key]:  # noqa: ANN401 - any value
    """Read a listing to its end, page by page, and name the rows."""
    found: list[Key] = []
    while True:
        response = await service.client.get("/museum-pieces", params=query, headers=owner.headers)
        page = response.raise_for_status().json()
        found += [MuseumPiece.__table__.c.id.type.python_type(item["id"]) for item in page["items"]]
        # % if listing == "keyset"
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]
        # % else
        # + if len(found) == page["total"]:
        # +     return found
        # + query["offset"] = len(found)
        # % endif


# % endif
# % if create
async def test_what_is_created_is_answered(service: Service, ada: Account) -> None:
    sent = await body(service, ada)

    created = await service.client.post("/museum-pieces", json=sent, headers=ada.headers)

    assert created.status_code == 201, created.text
    assert {name: created.json()[name] for name in sent} == sent
    assert created.headers["etag"] == '"1"'
    # % if read
    read = await service.client.get(f"http://test{created.headers['location']}", headers=ada.headers)
    assert read.json() == created.json()
    assert read.headers["etag"] == '"1"'
    # % endif


# % if fields | selectattr("may_be_unset") | list
# + async def test_what_need_not_be_sent_has_its_default(service: Service, ada: Account) -> None:
# +     unset: dict[str, Any] = {
# % for field in fields if field.may_be_unset
# +         "{{ field.name }}": {{ field.unset }},
# % endfor
# +     }
# +     sent = {name: value for name, value in (await body(service, ada)).items() if name not in unset}
# +
# +     created = await service.client.post("/museum-pieces", json=sent, headers=ada.headers)
# +
# +     assert {name: created.raise_for_status().json()[name] for name in unset} == unset
# +
# +
# % endif
@pytest.mark.parametrize(("name", "value"), WRONG)
async def test_a_wrong_field_is_refused(service: Service, ada: Account, name: str, value: object) -> None:
    sent = await body(service, ada) | {name: value}
    before = await stored(service)

    response = await service.client.post("/museum-pieces", json=sent, headers=ada.headers)

    assert response.status_code == 422, response.text
    assert {error["location"][1] for error in response.json()["errors"]} == {name}
    assert await stored(service) == before


# % for field in fields if field.unique
# = async def test_a_{{ field.name }}_that_another_one_has_is_taken(service: Service, ada: Account) -> None:
async def test_a_name_that_another_one_has_is_taken(service: Service, ada: Account) -> None:
    # = there = await new_museum_piece(service, ada{{ field.made_reference }})
    there = await new_museum_piece(service, ada)
    # = sent = await body(service, ada) | {"{{ field.name }}": to_jsonable_python(there.{{ field.name }})}
    sent = await body(service, ada) | {"name": to_jsonable_python(there.name)}

    response = await service.client.post("/museum-pieces", json=sent, headers=ada.headers)

    # = assert (response.status_code, response.json()["code"]) == (409, "museum-piece-{{ field.code }}-taken")
    assert (response.status_code, response.json()["code"]) == (409, "museum-piece-name-taken")
    # % if owned
    eve = await service.new_account(EVE)
    # = assert await new_museum_piece(service, eve, {{ field.name }}=there.{{ field.name }})  # hers are others
    assert await new_museum_piece(service, eve, name=there.name)  # hers are others
    # % endif


# % endfor
# % for field in fields if field.ref
# + async def test_a_new_one_refers_to_no_unknown_{{ field.name }}(service: Service, ada: Account) -> None:
# +     unknown = [NOBODYS_KEY]
# % if field.ref.owned
# +     eve = await service.new_account(EVE)
# +     unknown.append((await new_{{ field.ref.snake }}(service, eve)).id)
# % endif
# +     for key in unknown:
# +         sent = await body(service, ada) | {"{{ field.name }}": to_jsonable_python(key)}
# +
# +         response = await service.client.post("/museum-pieces", json=sent, headers=ada.headers)
# +
# +         assert (response.status_code, response.json()["code"]) == (422, "museum-piece-{{ field.code }}-unknown")
# +
# +
# % endfor
# % if idempotency
async def test_sent_again_with_its_key_one_is_created_once(service: Service, ada: Account) -> None:
    sent, headers = await body(service, ada), ada.headers | {"Idempotency-Key": "k1"}
    before = await stored(service)

    first, again = [await service.client.post("/museum-pieces", json=sent, headers=headers) for _ in range(2)]

    assert (again.status_code, again.json()) == (201, first.json())
    assert await stored(service) == before + 1


# % endif
# % endif
# % if list
# % for column in ["created_at"] + sort
# = async def test_pages_sorted_by_{{ column }}_hold_every_row_once(service: Service, ada: Account) -> None:
async def test_pages_sorted_by_created_at_hold_every_row_once(service: Service, ada: Account) -> None:
    made = [(await new_museum_piece(service, ada)).id for _ in range(5)]

    # = found = await listed(service, ada, limit=2, sort="{{ column }}")
    found = await listed(service, ada, limit=2, sort="created_at")
    # = backwards = await listed(service, ada, limit=2, sort="-{{ column }}")
    backwards = await listed(service, ada, limit=2, sort="-created_at")

    # % if column == "created_at"
    assert found == made
    # % endif
    assert sorted(found) == sorted(made)
    assert backwards == found[::-1]


# % endfor
# % for field in fields if field.name in filter and (field.ref or field.good != field.usual)
# + async def test_{{ field.name }}_narrows_the_listing(service: Service, ada: Account) -> None:
# % if field.ref
# +     value = (await new_{{ field.ref.snake }}(service, ada)).id
# % else
# +     value = {{ field.made_good }}
# % endif
# +     wanted = await new_museum_piece(service, ada, {{ field.name }}=value)
# +     await new_museum_piece(service, ada)
# +
# +     assert await listed(service, ada, {{ field.name }}=to_jsonable_python(value)) == [wanted.id]
# +
# +
# % endfor
# % if owned
async def test_the_listing_holds_nobody_elses(service: Service, ada: Account) -> None:
    await new_museum_piece(service, ada)

    assert await listed(service, await service.new_account(EVE)) == []


# % endif
# % endif
# % if read
async def test_what_one_has_read_need_not_be_sent_again(service: Service, ada: Account) -> None:
    path = f"/museum-pieces/{(await new_museum_piece(service, ada)).id}"

    same = await service.client.get(path, headers=ada.headers | {"If-None-Match": '"1"'})
    other = await service.client.get(path, headers=ada.headers | {"If-None-Match": '"0"'})

    assert (same.status_code, same.content) == (304, b"")
    assert other.status_code == 200


# % endif
# % if update
async def test_what_is_sent_is_changed_and_the_rest_stays(service: Service, ada: Account) -> None:
    path = f"/museum-pieces/{(await new_museum_piece(service, ada)).id}"
    sent = await body(service, ada)

    changed = await service.client.patch(path, json=sent, headers=ada.headers)
    same = await service.client.patch(path, json={}, headers=ada.headers)

    assert changed.status_code == 200, changed.text
    assert {name: changed.json()[name] for name in sent} == sent
    assert changed.headers["etag"] == '"2"'
    assert same.json() == changed.json()
    # % for field in fields if field.optional
    # + null = await service.client.patch(path, json={"{{ field.name }}": None}, headers=ada.headers)
    # + assert null.json()["{{ field.name }}"] is None
    # % endfor


@pytest.mark.parametrize(("name", "value"), WRONG)
async def test_a_wrong_change_is_refused(service: Service, ada: Account, name: str, value: object) -> None:
    path = f"/museum-pieces/{(await new_museum_piece(service, ada)).id}"

    response = await service.client.patch(path, json={name: value}, headers=ada.headers)

    assert response.status_code == 422, response.text
    assert {error["location"][1] for error in response.json()["errors"]} == {name}


# % for field in fields if field.unique
# = async def test_a_change_to_anothers_{{ field.name }}_is_refused(service: Service, ada: Account) -> None:
async def test_a_change_to_anothers_name_is_refused(service: Service, ada: Account) -> None:
    # = there = await new_museum_piece(service, ada{{ field.made_reference }})
    there = await new_museum_piece(service, ada)
    path = f"/museum-pieces/{(await new_museum_piece(service, ada)).id}"
    # = sent = {"{{ field.name }}": to_jsonable_python(there.{{ field.name }})}
    sent = {"name": to_jsonable_python(there.name)}

    response = await service.client.patch(path, json=sent, headers=ada.headers)

    # = assert (response.status_code, response.json()["code"]) == (409, "museum-piece-{{ field.code }}-taken")
    assert (response.status_code, response.json()["code"]) == (409, "museum-piece-name-taken")


# % endfor
# % for field in fields if field.ref
# + async def test_a_change_refers_to_no_unknown_{{ field.name }}(service: Service, ada: Account) -> None:
# +     path = f"/museum-pieces/{(await new_museum_piece(service, ada)).id}"
# +     sent = {"{{ field.name }}": to_jsonable_python(NOBODYS_KEY)}
# +
# +     response = await service.client.patch(path, json=sent, headers=ada.headers)
# +
# +     assert (response.status_code, response.json()["code"]) == (422, "museum-piece-{{ field.code }}-unknown")
# +
# +
# % endfor
async def test_a_change_based_on_an_old_version_is_refused(service: Service, ada: Account) -> None:
    path = f"/museum-pieces/{(await new_museum_piece(service, ada)).id}"

    late = await service.client.patch(path, json={}, headers=ada.headers | {"If-Match": '"0"'})
    based = await service.client.patch(path, json={}, headers=ada.headers | {"If-Match": '"1"'})

    assert (late.status_code, late.json()["code"]) == (412, "precondition-failed")
    assert based.status_code == 200


# % endif
# % if delete
async def test_what_is_deleted_is_gone(service: Service, ada: Account) -> None:
    there = await new_museum_piece(service, ada)
    path = f"/museum-pieces/{there.id}"

    refused = await service.client.delete(path, headers=ada.headers | {"If-Match": '"7"'})
    deleted = await service.client.delete(path, headers=ada.headers)
    again = await service.client.delete(path, headers=ada.headers)

    assert refused.status_code == 412
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert again.status_code == 404
    # % if soft_delete
    # + assert await stored(service) == 1
    # % else
    assert await stored(service) == 0
    # % endif
    # % if list
    assert await listed(service, ada) == []
    # % endif


# % endif
# % for field in fields if field.ref and field.ref.delete and not field.ref.soft_delete
# + async def test_what_{{ field.name }}_refers_to_is_not_deleted(service: Service, ada: Account) -> None:
# +     there = await new_{{ field.ref.snake }}(service, ada)
# +     await new_museum_piece(service, ada, {{ field.name }}=there.id)
# +
# +     response = await service.client.delete(f"/{{ field.ref.plural }}/{there.id}", headers=ada.headers)
# +
# +     assert (response.status_code, response.json()["code"]) == (409, "{{ field.ref.name }}-in-use")
# +
# +
# % endfor
# % if read or update or delete
@pytest.mark.parametrize(
    "method",
    [
        # % if read
        "GET",
        # % endif
        # % if update
        "PATCH",
        # % endif
        # % if delete
        "DELETE",
        # % endif
    ],
)
async def test_what_is_not_there_for_the_caller_does_not_exist(service: Service, ada: Account, method: str) -> None:
    keys: list[Key] = [NOBODYS_KEY]
    # % if owned
    eve = await service.new_account(EVE)
    keys.append((await new_museum_piece(service, eve)).id)
    # % endif
    sent: dict[str, Any] | None = {} if method == "PATCH" else None
    for key in keys:
        response = await service.client.request(method, f"/museum-pieces/{key}", json=sent, headers=ada.headers)

        assert (response.status_code, response.json()["code"]) == (404, "museum-piece-not-found")


# % endif
# % if owned
async def test_with_their_owner_all_are_gone(service: Service, ada: Account) -> None:
    await new_museum_piece(service, ada)
    async with service.resources.engine.begin() as connection:
        await connection.execute(text("DELETE FROM users"))

    assert await stored(service) == 0


# % endif
async def test_nobody_is_let_in_without_a_token(service: Service) -> None:
    # % if create or list
    # = response = await service.client.{{ "get" if list else "post" }}("/museum-pieces")
    response = await service.client.get("/museum-pieces")
    # % else
    # + method = "{{ "GET" if read else "PATCH" if update else "DELETE" }}"
    # + response = await service.client.request(method, f"/museum-pieces/{NOBODYS_KEY}")
    # % endif

    assert response.status_code == 401
