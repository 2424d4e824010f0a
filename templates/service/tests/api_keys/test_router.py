"""API keys: what they open, for how long, and who may have them."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from app import paths
from app.settings import API_PREFIX
from tests.service import ADA, EVE, LOGIN_FIELD, NO_KEYS, NOBODYS_KEY, Account, Service


@pytest.fixture
async def ada(service: Service) -> Account:
    """Somebody with an account."""
    return await service.new_account(ADA)


async def create(service: Service, owner: Account, *scopes: str, **fields: object) -> dict[str, Any]:
    """Create a key, for the own profile unless told otherwise."""
    body = {"name": "nightly export", "scopes": scopes or ["profile:read"]} | fields
    response = await service.client.post("/api-keys", json=body, headers=owner.headers)
    created: dict[str, Any] = response.raise_for_status().json()
    return created


async def send(service: Service, key: str | bytes, method: str = "GET", path: str = paths.ME) -> httpx2.Response:
    """Send a request with an API key and nothing else."""
    value = key if isinstance(key, bytes) else key.encode()
    return await service.client.request(method, path, headers=[(b"X-API-Key", value)])


async def change(service: Service, assignment: str) -> None:
    """Change the stored keys, past every route."""
    async with service.resources.engine.begin() as connection:
        await connection.execute(text(f"UPDATE api_keys SET {assignment}"))  # noqa: S608 - written below


async def last_use(service: Service, owner: Account) -> str | None:
    """Read when the owner's only key was used."""
    (key,) = (await service.client.get("/api-keys", headers=owner.headers)).json()
    used: str | None = key["last_used_at"]
    return used


async def test_a_key_is_shown_once_and_opens_what_its_scope_says(service: Service, ada: Account) -> None:
    created = await create(service, ada)
    listed = await service.client.get("/api-keys", headers=ada.headers)
    me = await send(service, created["key"])

    key = created.pop("key")
    assert key.startswith(f"{created['prefix']}_")
    assert listed.json() == [created]
    assert key.removeprefix(f"{created['prefix']}_") not in listed.text
    assert me.json()[LOGIN_FIELD] == ADA


async def test_the_secret_is_not_stored(service: Service, ada: Account) -> None:
    created = await create(service, ada)

    async with service.resources.sessions() as session:
        row = (await session.execute(text("SELECT * FROM api_keys"))).one()

    assert row.prefix == created["prefix"]
    assert created["key"].removeprefix(f"{created['prefix']}_") not in str(row)


async def test_keys_that_are_no_good_look_alike(service: Service, ada: Account) -> None:
    good = (await create(service, ada))["key"]
    other = (await create(service, ada))["key"]
    expired = (await create(service, ada, name="expired"))["key"]
    await change(service, "expires_at = now() WHERE name = 'expired'")
    revoked = await create(service, ada)
    await service.client.delete(f"/api-keys/{revoked['id']}", headers=ada.headers)
    wrong = {
        "expired": expired,
        "revoked": revoked["key"],
        "unknown": f"{'0' * 16}_{'x' * 43}",
        "another secret": f"{good[:17]}{other[17:]}",
        "no secret": good[:17],
        "no prefix": good[16:],
        "cut short": good[:-1],
        "too long": f"{good}A",
        "a space after": f"{good}\xa0",
        "another case": good.upper(),
        "rubbish": "rubbish",
        "nul": "a\x00b",
        "no ASCII": f"{good[:-1]}é",
        "long": "x" * 60_000,
    }

    answers = {name: await send(service, key.encode("latin-1")) for name, key in wrong.items()}

    for name, response in answers.items():
        assert (response.status_code, response.json()) == (401, answers["expired"].json()), name
        assert response.headers["www-authenticate"] == "Bearer"
    assert answers["expired"].json()["code"] == "invalid-api-key"
    assert (await send(service, good)).status_code == 200


async def test_a_key_lasts_until_it_expires(service: Service, ada: Account) -> None:
    created = await create(service, ada, expires_at="2999-12-31T23:59:59+01:00")

    assert created["expires_at"] == "2999-12-31T22:59:59Z"
    assert (await send(service, created["key"])).status_code == 200


async def test_without_the_scope_a_key_is_refused(service: Service, ada: Account) -> None:
    key = (await create(service, ada))["key"]
    await change(service, "scopes = '{profile:write}'")

    response = await send(service, key)

    assert (response.status_code, response.json()["code"]) == (403, "insufficient-scope")
    assert "profile:read" in response.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        # % if profile_update
        ("PATCH", paths.ME),
        # % endif
        # % if account_deletion
        ("DELETE", paths.ME),
        # % endif
        ("GET", "/api-keys"),
        ("POST", "/api-keys"),
        ("DELETE", f"/api-keys/{NOBODYS_KEY}"),
        # % if password_change
        ("PUT", paths.PASSWORD),
        # % endif
        # % if roles
        ("GET", paths.USERS),
        # % endif
    ],
)
async def test_a_route_that_names_no_scope_knows_no_keys(
    service: Service, ada: Account, method: str, path: str
) -> None:
    key = await create(service, ada)
    async with service.resources.engine.begin() as connection:
        await connection.execute(text("UPDATE api_keys SET scopes = '{profile:read,profile:write,*}'"))
        # % if roles
        await connection.execute(text("UPDATE users SET role = 'admin'"))
        # % endif

    response = await send(service, key["key"], method, path)

    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")


async def test_a_key_decides_even_beside_a_token(service: Service, ada: Account) -> None:
    key = (await create(service, ada))["key"]
    eve = await service.new_account(EVE)

    both = await service.client.get(paths.ME, headers=eve.headers | {"X-API-Key": key})
    wrong = await service.client.get(paths.ME, headers=eve.headers | {"X-API-Key": "rubbish"})
    await change(service, "scopes = '{profile:write}'")
    narrow = await service.client.get(paths.ME, headers=eve.headers | {"X-API-Key": key})

    assert both.json()[LOGIN_FIELD] == ADA
    assert (wrong.status_code, narrow.status_code) == (401, 403)


async def test_an_empty_header_is_no_key(service: Service, ada: Account) -> None:
    with_token = await service.client.get(paths.ME, headers=ada.headers | {"X-API-Key": ""})

    assert with_token.status_code == 200
    assert (await send(service, "")).status_code == 401


async def test_somebody_elses_key_does_not_exist(service: Service, ada: Account) -> None:
    eve = await service.new_account(EVE)
    key = await create(service, ada)

    listed = await service.client.get("/api-keys", headers=eve.headers)
    theirs = await service.client.delete(f"/api-keys/{key['id']}", headers=eve.headers)
    nobodys = await service.client.delete(f"/api-keys/{NOBODYS_KEY}", headers=eve.headers)

    assert listed.json() == []
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["code"] == nobodys.json()["code"] == "api-key-not-found"
    assert (await send(service, key["key"])).status_code == 200


async def test_a_deleted_key_opens_nothing_from_then_on(service: Service, ada: Account) -> None:
    key = await create(service, ada)
    path = f"/api-keys/{key['id']}"

    deleted = await service.client.delete(path, headers=ada.headers)

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await send(service, key["key"])).status_code == 401
    assert (await service.client.delete(path, headers=ada.headers)).status_code == 404


async def test_the_last_use_is_noted_once_a_minute(service: Service, ada: Account) -> None:
    key = (await create(service, ada))["key"]
    unused = await last_use(service, ada)
    await send(service, key)
    first = await last_use(service, ada)
    await send(service, key)
    second = await last_use(service, ada)
    await change(service, "last_used_at = last_used_at - interval '61 seconds'")
    await send(service, key)
    third = await last_use(service, ada)

    assert unused is None
    assert first is not None
    assert second == first
    assert third is not None
    assert third > first


async def test_who_finds_the_use_being_noted_does_not_wait(service: Service, ada: Account) -> None:
    key = (await create(service, ada))["key"]
    async with service.resources.engine.begin() as connection:
        await connection.execute(text("SELECT * FROM api_keys FOR UPDATE"))

        assert (await send(service, key)).status_code == 200


@pytest.mark.parametrize(
    ("change", "location"),
    [
        ({"name": ""}, ["body", "name"]),
        ({"name": "x" * 101}, ["body", "name"]),
        ({"name": "a\x00b"}, ["body", "name"]),
        ({"scopes": []}, ["body", "scopes"]),
        ({"scopes": None}, ["body", "scopes"]),
        ({"scopes": "profile:read"}, ["body", "scopes"]),
        ({"scopes": ["everything"]}, ["body", "scopes", 0]),
        ({"scopes": [["profile:read"]]}, ["body", "scopes", 0]),
        ({"expires_at": "2020-01-01T00:00:00Z"}, ["body", "expires_at"]),
        ({"expires_at": "2999-01-01T00:00:00"}, ["body", "expires_at"]),
        ({"expires_at": "9999-12-31T23:59:59-05:00"}, ["body", "expires_at"]),
        ({"user_id": str(NOBODYS_KEY)}, ["body", "user_id"]),
        ({"prefix": "0" * 16}, ["body", "prefix"]),
    ],
)
async def test_a_field_that_is_wrong_is_named(
    service: Service, ada: Account, change: dict[str, object], location: list[str | int]
) -> None:
    body = {"name": "nightly export", "scopes": ["profile:read"]} | change
    response = await service.client.post("/api-keys", json=body, headers=ada.headers)

    assert response.status_code == 422
    assert [error["location"] for error in response.json()["errors"]] == [location]


async def test_a_scope_that_is_named_twice_counts_once(service: Service, ada: Account) -> None:
    assert (await create(service, ada, "profile:read", "profile:read"))["scopes"] == ["profile:read"]


@pytest.mark.parametrize("key_id", NO_KEYS)
async def test_an_id_that_is_none_leads_nowhere(service: Service, ada: Account, key_id: str) -> None:
    response = await service.client.delete(f"/api-keys/{key_id}", headers=ada.headers)

    assert response.status_code == 404


async def test_a_key_beyond_every_row_is_no_error(service: Service, ada: Account) -> None:
    response = await service.client.delete(f"/api-keys/{2**63}", headers=ada.headers)

    assert response.status_code in {404, 422}


async def test_one_user_can_have_only_so_many_keys(service: Service, ada: Account) -> None:
    eve = await service.new_account(EVE)
    async with service.resources.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO api_keys (user_id, name, prefix, secret_hash, scopes)"
                " SELECT :owner, n, n, '', '{}' FROM generate_series(1, 50) n"
            ),
            {"owner": ada.id},
        )
    body = {"name": "one more", "scopes": ["profile:read"]}

    refused = await service.client.post("/api-keys", json=body, headers=ada.headers)

    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-api-keys")
    assert (await create(service, eve))["name"] == "nightly export"


# % if example
async def test_a_key_reads_and_writes_tasks_as_its_scopes_say(service: Service, ada: Account) -> None:
    reader = {"X-API-Key": (await create(service, ada, "tasks:read"))["key"]}
    writer = {"X-API-Key": (await create(service, ada, "tasks:write"))["key"]}
    body = {"title": "Write"}

    created = await service.client.post("/tasks", json=body, headers=writer)
    task = created.raise_for_status().json()
    path = f"/tasks/{task['id']}"
    allowed = [
        created,
        await service.client.get("/tasks", headers=reader),
        await service.client.get(path, headers=reader),
        await service.client.get(path, headers=ada.headers),
        await service.client.patch(path, json={"title": "Read"}, headers=ada.headers),
    ]
    refused = [
        await service.client.get("/tasks", headers=writer),
        await service.client.get(path, headers=writer),
        await service.client.post("/tasks", json=body, headers=reader),
        await service.client.post("/tasks/batch", json={"tasks": [body]}, headers=reader),
        await service.client.patch(path, json=body, headers=reader),
        await service.client.delete(path, headers=reader),
    ]

    assert [response.status_code for response in allowed] == [201, 200, 200, 200, 200]
    assert [response.status_code for response in refused] == [403] * 6
    assert [found["title"] for found in allowed[1].json()["items"]] == ["Write"]


async def test_a_key_opens_the_tasks_of_its_owner_only(service: Service, ada: Account) -> None:
    eve = await service.new_account(EVE)
    task = (await service.client.post("/tasks", json={"title": "Write"}, headers=ada.headers)).json()
    key = {"X-API-Key": (await create(service, eve, "tasks:read"))["key"]}

    assert (await service.client.get(f"/tasks/{task['id']}", headers=key)).status_code == 404
    assert (await service.client.get("/tasks", headers=key)).json()["items"] == []


# % endif
async def test_the_document_says_which_routes_take_keys_and_how_each_may_answer(service: Service) -> None:
    document = (await service.client.get("http://test/openapi.json")).json()["paths"]
    keys, one = document[f"{API_PREFIX}/api-keys"], document[f"{API_PREFIX}/api-keys/{{key_id}}"]
    me = document[f"{API_PREFIX}{paths.ME}"]

    assert set(keys["post"]["responses"]) == {"201", "400", "401", "409", "413", "422"}
    assert set(keys["get"]["responses"]) == {"200", "401"}
    assert set(one["delete"]["responses"]) == {"204", "401", "404", "422"}
    assert set(me["get"]["responses"]) == {"200", "401", "403"}
    # = bearer = "{{ "OAuth2PasswordBearer" if login_body == "form" else "HTTPBearer" }}"
    bearer = "OAuth2PasswordBearer"
    assert {name for way in me["get"]["security"] for name in way} == {"APIKeyHeader", bearer}
    assert {name for way in keys["get"]["security"] for name in way} == {bearer}
