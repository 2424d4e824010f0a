"""The example resource: every pattern that a route may need, tried as clients and strangers would."""

import asyncio
import base64
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, text

from app.core.pagination import Cursor
from app.domains.tasks.models import Task
from app.domains.tasks.repository import listing
from tests.service import ADA, EVE, NO_KEYS, NOBODYS_KEY, Account, Service


@pytest.fixture
async def ada(service: Service) -> Account:
    """Somebody with an account."""
    return await service.new_account(ADA)


async def create(service: Service, owner: Account, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Create a task."""
    response = await service.client.post("/tasks", json={"title": "Write"} | fields, headers=owner.headers)
    task: dict[str, Any] = response.raise_for_status().json()
    return task


async def titles(service: Service, owner: Account, **query: str | int) -> list[str]:
    """Read a listing to its end, page by page, and name the tasks."""
    found: list[str] = []
    while True:
        response = await service.client.get("/tasks", params=query, headers=owner.headers)
        page = response.raise_for_status().json()
        found += [task["title"] for task in page["items"]]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


async def test_a_task_is_where_location_says(service: Service, ada: Account) -> None:
    reminder = {"kind": "webhook", "url": "https://example.com/remind"}
    created = await service.client.post(
        "/tasks",
        json={"title": "Write", "due_at": "2026-12-24T18:00:00+01:00", "reminder": reminder},
        headers=ada.headers,
    )

    assert created.status_code == 201
    read = await service.client.get(f"http://test{created.headers['location']}", headers=ada.headers)
    assert read.json() == created.json()
    assert read.headers["etag"] == created.headers["etag"] == '"1"'
    assert (read.json()["status"], read.json()["priority"], read.json()["reminder"]) == ("open", 3, reminder)


@pytest.mark.parametrize(
    ("change", "location"),
    [
        ({"title": ""}, ["body", "title"]),
        ({"title": None}, ["body", "title"]),
        ({"priority": 6}, ["body", "priority"]),
        ({"priority": 2**63}, ["body", "priority"]),
        ({"priority": True}, ["body", "priority"]),
        ({"due_at": "2026-12-24T18:00:00"}, ["body", "due_at"]),
        ({"due_at": 0}, ["body", "due_at"]),
        ({"due_at": "1795482160"}, ["body", "due_at"]),
        ({"due_at": "9999-12-31T23:59:59-05:00"}, ["body", "due_at"]),
        ({"reminder": {"kind": "pigeon"}}, ["body", "reminder"]),
        ({"reminder": {"kind": "email", "to": "nobody"}}, ["body", "reminder", "email", "to"]),
        ({"reminder": {"kind": "webhook", "url": "javascript:alert(1)"}}, ["body", "reminder", "webhook", "url"]),
        ({"owner_id": str(NOBODYS_KEY)}, ["body", "owner_id"]),
    ],
)
async def test_a_field_that_is_wrong_is_named(
    service: Service, ada: Account, change: dict[str, object], location: list[str]
) -> None:
    response = await service.client.post("/tasks", json={"title": "Write"} | change, headers=ada.headers)

    assert response.status_code == 422
    assert [error["location"] for error in response.json()["errors"]] == [location]


async def test_a_batch_is_all_or_nothing(service: Service, ada: Account) -> None:
    good, bad = {"title": "Write"}, {"title": "Write", "priority": 9}

    refused = await service.client.post("/tasks/batch", json={"tasks": [good, bad]}, headers=ada.headers)
    created = await service.client.post("/tasks/batch", json={"tasks": [good, good]}, headers=ada.headers)
    too_many = await service.client.post("/tasks/batch", json={"tasks": [good] * 101}, headers=ada.headers)

    assert (refused.status_code, refused.json()["errors"][0]["location"]) == (
        422,
        ["body", "tasks", 1, "priority"],
    )
    assert (created.status_code, len(created.json())) == (201, 2)
    assert too_many.status_code == 422
    assert len(await titles(service, ada)) == 2


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("created_at", "abcdef"), ("-created_at", "fedcba"), ("priority", "badcfe"), ("-priority", "efcdab")],
)
async def test_pages_hold_every_task_once_in_order(service: Service, ada: Account, sort: str, expected: str) -> None:
    for title, priority in zip("abcdef", (2, 1, 3, 2, 5, 4), strict=True):
        await create(service, ada, title=title, priority=priority)
    by_priority = {"priority": "badcfe", "-priority": "efcdab"}

    found = "".join(await titles(service, ada, limit=2, sort=sort))

    assert found == by_priority.get(sort, expected)


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "priority", "-priority"])
async def test_rows_that_come_and_go_do_not_disturb_the_pages(service: Service, ada: Account, sort: str) -> None:
    tasks = [await create(service, ada, title=str(number), priority=1 + number % 5) for number in range(12)]
    staying, leaving = tasks[::2], tasks[1::2]
    key = {"created_at": lambda task: (task["created_at"], task["id"])}.get(
        sort.removeprefix("-"), lambda task: (task["priority"], task["id"])
    )
    found: list[str] = []
    query: dict[str, str | int] = {"limit": 2, "sort": sort}
    while True:
        page = (await service.client.get("/tasks", params=query, headers=ada.headers)).json()
        found += [task["id"] for task in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
        if leaving:
            await service.client.delete(f"/tasks/{leaving.pop()['id']}", headers=ada.headers)
            await create(service, ada, title="new", priority=1 + len(leaving) % 5)

    assert len(found) == len(set(found))
    order = [task["id"] for task in sorted(staying, key=key, reverse=sort.startswith("-"))]
    assert [task_id for task_id in found if task_id in order] == order


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """List the nodes of a plan."""
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "priority", "-priority"])
async def test_a_deep_page_costs_what_the_first_costs(service: Service, ada: Account, sort: str) -> None:
    column, limit = sort.removeprefix("-"), 20
    async with service.resources.sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO tasks (owner_id, title, priority, version, created_at)"
                " SELECT :owner, n::text, 1 + n % 5, 1, now() - n * interval '1 second' FROM generate_series(1, 5000) n"
            ),
            {"owner": ada.id},
        )
        await session.execute(text("ANALYZE tasks"))
        columns = (getattr(Task, column), Task.id)
        row = (await session.execute(select(*columns).order_by(*columns).offset(2500).limit(1))).one()
        first = {"owner_id": ada.id, "rows": limit + 1}
        deep = first | {"after_value": row[0], "after_id": row[1]}
        driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
        for values in (first, deep):
            statement = listing(sort, frozenset(), continued="after_id" in values)
            explained = await driver.fetchval(
                f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement.sql}",
                *statement.arguments(values),
            )
            top, scan = nodes(explained[0]["Plan"])

            assert top["Node Type"] == "Limit"
            assert (scan["Node Type"], scan["Index Name"]) == ("Index Scan", f"ix_tasks_owner_id_{column}_id")
            assert scan["Actual Rows"] == limit + 1
            assert "Rows Removed by Filter" not in scan
            assert (column in scan["Index Cond"]) == ("after_id" in values)


async def test_filters_narrow_the_listing(service: Service, ada: Account) -> None:
    await create(service, ada, title="low", priority=1, due_at="2026-01-01T00:00:00Z")
    urgent = await create(service, ada, title="urgent", priority=5, due_at="2026-06-01T00:00:00Z")
    await create(service, ada, title="someday", priority=4)
    await service.client.patch(f"/tasks/{urgent['id']}", json={"status": "done"}, headers=ada.headers)

    assert await titles(service, ada, min_priority=4) == ["someday", "urgent"]
    assert await titles(service, ada, status="open") == ["someday", "low"]
    assert await titles(service, ada, due_before="2026-03-01T00:00:00Z") == ["low"]
    assert await titles(service, ada, status="done", min_priority=5) == ["urgent"]


def forged(content: bytes) -> str:
    """Make a cursor of one's own."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "101"},
        {"limit": str(2**64)},
        {"sort": "password"},
        {"min_priority": "9"},
        {"due_before": "yesterday"},
        {"page": "2"},
        {"cursor": ""},
        {"cursor": "rubbish"},
        {"cursor": "é"},
        {"cursor": forged(b"[]")},
        {"cursor": Cursor(sort="-created_at", value="not a date", id=str(NOBODYS_KEY)).encode()},
        {"cursor": Cursor(sort="priority", value="3", id=str(NOBODYS_KEY)).encode()},
        {"cursor": Cursor(sort="priority", value=str(2**63), id=str(NOBODYS_KEY)).encode(), "sort": "priority"},
        {"cursor": forged(b'{"sort": "-created_at", "value": "2026-01-01T00:00:00Z", "id": %d}' % 2**63)},
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(service: Service, ada: Account, query: dict[str, str]) -> None:
    response = await service.client.get("/tasks", params=query, headers=ada.headers)

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


async def test_what_one_has_read_need_not_be_sent_again(service: Service, ada: Account) -> None:
    task = await create(service, ada)
    path = f"/tasks/{task['id']}"

    same = await service.client.get(path, headers=ada.headers | {"If-None-Match": 'W/"0", "1"'})
    other = await service.client.get(path, headers=ada.headers | {"If-None-Match": '"0"'})

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", '"1"')
    assert other.status_code == 200


async def test_a_change_based_on_an_old_version_is_refused(service: Service, ada: Account) -> None:
    task = await create(service, ada)
    path = f"/tasks/{task['id']}"

    def change(title: str, tag: str) -> Any:  # noqa: ANN401 - a coroutine of the client
        return service.client.patch(path, json={"title": title}, headers=ada.headers | {"If-Match": tag})

    first = await change("first", '"1"')
    late = await change("late", '"1"')
    weak = await change("weak", 'W/"2"')
    anything = await change("anything", "*")

    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (late.status_code, late.json()["code"]) == (412, "precondition-failed")
    assert weak.status_code == 412
    assert (anything.status_code, anything.json()["title"]) == (200, "anything")


async def test_a_change_that_another_one_overtakes_is_made_on_top_of_it(service: Service, ada: Account) -> None:
    task = await create(service, ada)
    change = {"priority": 5}
    based_on_1 = ada.headers | {"If-Match": '"1"'}
    async with service.resources.engine.begin() as other:
        await other.execute(text("UPDATE tasks SET title = 'Send', version = version + 1"))
        waiting = [
            asyncio.create_task(service.client.patch(f"/tasks/{task['id']}", json=change, headers=headers))
            for headers in (ada.headers, based_on_1)
        ]
        await service.wait_for_lock_waits(len(waiting))
    free, based = [await response for response in waiting]

    assert (free.status_code, free.json()["title"], free.json()["priority"]) == (200, "Send", 5)
    assert free.headers["etag"] == '"3"'
    assert (based.status_code, based.json()["code"]) == (412, "precondition-failed")


async def test_of_many_changes_at_once_none_is_lost_unseen(service: Service, ada: Account) -> None:
    task = await create(service, ada)

    async def change(number: int) -> httpx2.Response:
        return await service.client.patch(
            f"/tasks/{task['id']}", json={"title": str(number)}, headers=ada.headers | {"If-Match": '"1"'}
        )

    responses = await asyncio.gather(*(change(number) for number in range(6)))

    assert sorted(response.status_code for response in responses) == [200] + [412] * 5


async def test_unset_is_not_null(service: Service, ada: Account) -> None:
    reminder = {"kind": "email", "to": "ada@example.com"}
    task = await create(service, ada, notes="a note", reminder=reminder)
    path = f"/tasks/{task['id']}"

    unset = await service.client.patch(path, json={"priority": 5}, headers=ada.headers)
    null = await service.client.patch(path, json={"notes": None, "reminder": None}, headers=ada.headers)
    refused = await service.client.patch(path, json={"priority": None}, headers=ada.headers)

    assert (unset.json()["notes"], unset.json()["reminder"]) == ("a note", reminder)
    assert (null.json()["notes"], null.json()["reminder"], null.json()["priority"]) == (None, None, 5)
    assert refused.status_code == 422


async def test_a_deleted_task_is_gone(service: Service, ada: Account) -> None:
    task = await create(service, ada)
    path = f"/tasks/{task['id']}"

    refused = await service.client.delete(path, headers=ada.headers | {"If-Match": '"7"'})
    deleted = await service.client.delete(path, headers=ada.headers)

    assert refused.status_code == 412
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await service.client.get(path, headers=ada.headers)).status_code == 404


async def test_a_deletion_that_something_overtakes_is_made_all_the_same(service: Service, ada: Account) -> None:
    task = await create(service, ada)
    async with service.resources.engine.begin() as other:
        await other.execute(text("UPDATE tasks SET title = 'Send', version = version + 1"))
        waiting = [
            asyncio.create_task(service.client.delete(f"/tasks/{task['id']}", headers=ada.headers)) for _ in range(2)
        ]
        await service.wait_for_lock_waits(len(waiting))
    answers = [await response for response in waiting]

    assert sorted(answer.status_code for answer in answers) == [204, 404]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_somebody_elses_task_does_not_exist(service: Service, ada: Account, method: str) -> None:
    eve = await service.new_account(EVE)
    task = await create(service, ada)
    json = {"title": "mine now"} if method == "PATCH" else None

    theirs = await service.client.request(method, f"/tasks/{task['id']}", json=json, headers=eve.headers)
    nobodys = await service.client.request(method, f"/tasks/{NOBODYS_KEY}", json=json, headers=eve.headers)

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["code"] == nobodys.json()["code"] == "task-not-found"
    assert await titles(service, eve) == []
    assert await titles(service, ada) == ["Write"]


@pytest.mark.parametrize("task_id", NO_KEYS)
async def test_an_id_that_is_none_leads_nowhere(service: Service, ada: Account, task_id: str) -> None:
    response = await service.client.get(f"/tasks/{task_id}", headers=ada.headers)

    assert response.status_code == 404


async def test_a_literal_path_is_not_taken_for_an_id(service: Service, ada: Account) -> None:
    response = await service.client.patch("/tasks/batch", json={}, headers=ada.headers)

    assert (response.status_code, response.headers["allow"]) == (405, "POST")


# % if idempotency
async def test_sent_again_with_its_key_a_task_is_created_once(service: Service, ada: Account) -> None:
    headers = ada.headers | {"Idempotency-Key": "k1"}

    first, again = [await service.client.post("/tasks", json={"title": "Write"}, headers=headers) for _ in range(2)]

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert await titles(service, ada) == ["Write"]


# % endif
