# % if jobs
"""Reminders: sent when a task is due, once, as the task is then."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from app.core.jobs import JobResources
from app.core.messages import Email, WebhookCall
from app.domains.tasks.jobs import RemindOfTask
from tests.service import Account, Service
from tests.worker import count, run_jobs

BY_EMAIL = {"kind": "email", "to": "ada@example.com"}
DUE = {"due_at": "2999-12-24T18:00:00Z", "reminder": BY_EMAIL}
WAITING = "pgqueuer WHERE entrypoint = 'tasks.remind'"


@pytest.fixture
async def ada(service: Service) -> Account:
    """Somebody with an account."""
    return await service.new_account()


@pytest.fixture
def reminded(log_lines: Callable[[], list[dict[str, Any]]]) -> Callable[[], list[str]]:
    """Whom reminders were sent to by e-mail."""
    return lambda: [line["to"] for line in log_lines() if line.get("subject") == "A task is due"]


async def create(service: Service, owner: Account, **fields: object) -> str:
    """Create a task and give its path."""
    response = await service.client.post("/tasks", json={"title": "Write"} | fields, headers=owner.headers)
    return f"/tasks/{response.raise_for_status().json()['id']}"


async def test_a_reminder_waits_until_the_task_is_due(
    service: Service, ada: Account, reminded: Callable[[], list[str]]
) -> None:
    await create(service, ada, **DUE)
    assert await count(service, f"{WAITING} AND execute_after BETWEEN '2999-12-24 17:59Z' AND '2999-12-24 18:01Z'") == 1

    await run_jobs(service)

    assert reminded() == ["ada@example.com"]


@pytest.mark.parametrize(
    "fields",
    [{}, DUE | {"reminder": None}, DUE | {"due_at": None}, DUE | {"due_at": "2000-01-01T00:00:00Z"}],
    ids=["neither", "no reminder", "no time", "past"],
)
async def test_without_a_reminder_or_a_time_to_come_nothing_waits(
    service: Service, ada: Account, fields: dict[str, object]
) -> None:
    await create(service, ada, **fields)

    assert await count(service, WAITING) == 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "done"}, []),
        ({"due_at": None}, []),
        ({"reminder": None}, []),
        ({"due_at": "2999-12-31T18:00:00Z"}, ["ada@example.com"]),
        ({"reminder": {"kind": "email", "to": "bob@example.com"}}, ["bob@example.com"]),
        ({"title": "Write again"}, ["ada@example.com"]),
    ],
    ids=["done", "no time", "no reminder", "later", "to another", "another title"],
)
async def test_a_task_that_changed_is_reminded_of_as_it_is_now(
    service: Service,
    ada: Account,
    reminded: Callable[[], list[str]],
    change: dict[str, object],
    expected: list[str],
) -> None:
    path = await create(service, ada, **DUE)
    (await service.client.patch(path, json=change, headers=ada.headers)).raise_for_status()

    await run_jobs(service)

    assert reminded() == expected


async def test_a_task_that_is_opened_again_is_reminded_of(
    service: Service, ada: Account, reminded: Callable[[], list[str]]
) -> None:
    path = await create(service, ada, **DUE)
    await service.client.patch(path, json={"status": "done"}, headers=ada.headers)
    await service.client.patch(path, json={"status": "open"}, headers=ada.headers)

    await run_jobs(service)

    assert reminded() == ["ada@example.com"]


async def test_nobody_is_reminded_of_a_task_that_is_deleted(
    service: Service, ada: Account, reminded: Callable[[], list[str]]
) -> None:
    path = await create(service, ada, **DUE)
    await service.client.delete(path, headers=ada.headers)

    await run_jobs(service)

    assert reminded() == []


async def test_a_webhook_is_told_what_is_due(service: Service, ada: Account) -> None:
    calls: list[tuple[WebhookCall, str]] = []

    class Recorder:
        async def send(self, message: WebhookCall, key: str) -> None:
            calls.append((message, key))

    class Nobody:
        async def send(self, message: Email, key: str) -> None:
            raise AssertionError(f"{message} {key}")

    reminder = {"kind": "webhook", "url": "https://example.com/remind?token=1"}
    created = await service.client.post(
        "/tasks", json={"title": "Write"} | DUE | {"reminder": reminder}, headers=ada.headers
    )
    task = created.json()
    job = RemindOfTask(owner_id=ada.id, task_id=task["id"], due_at=datetime.fromisoformat(task["due_at"]))
    resources = JobResources(sessions=service.resources.sessions, emails=Nobody(), webhooks=Recorder())

    await job.run(resources)
    await job.run(resources)

    ((call, key),) = calls
    assert call.url == "https://example.com/remind?token=1"
    assert call.body == {"task_id": str(task["id"]), "title": "Write", "due_at": "2999-12-24T18:00:00+00:00"}
    assert str(task["id"]) in key


# % endif
