"""Reads past the ORM give what the ORM gives, and fail as it fails."""

import asyncio
from collections.abc import Sequence

import pytest
from pydantic import SecretStr
from sqlalchemy import String, bindparam, select, text
from sqlalchemy.exc import DBAPIError

from app import paths
from app.core.direct_reads import DirectRead, select_for
from app.domains.tasks.models import Task
from app.domains.tasks.schemas import TaskRead
from app.domains.users.models import User
from app.domains.users.schemas import UserRead
from tests.service import Account, Service, run_service, settings_for

USERS = DirectRead(UserRead, select_for(UserRead, User))
# % if example
TASKS = DirectRead(TaskRead, select_for(TaskRead, Task).where(Task.owner_id == bindparam("owner_id")).order_by(Task.id))
REMINDER = {"kind": "webhook", "url": "https://example.com/remind"}
# % endif


@pytest.fixture
async def ada(service: Service) -> Account:
    """Somebody to read."""
    return await service.new_account()


# % if example
async def test_every_column_is_what_the_orm_makes_of_it(service: Service, ada: Account) -> None:
    whole = {"title": "Write", "notes": "to the landlord", "due_at": "2026-12-24T18:00:00+01:00", "reminder": REMINDER}
    for body in (whole, {"title": "Send"}):
        (await service.client.post("/tasks", json=body, headers=ada.headers)).raise_for_status()

    async with service.resources.sessions() as session:
        orm: Sequence[Task] = (await session.scalars(select(Task).order_by(Task.id))).all()
        direct = await TASKS.all(session, {"owner_id": ada.id})

    assert direct == [TaskRead.model_validate(task) for task in orm]
    assert [task.reminder is None for task in direct] == [False, True]


# % endif
async def test_a_value_that_cannot_be_sent_leaves_no_lock(service: Service, ada: Account) -> None:
    by_id = DirectRead(UserRead, select_for(UserRead, User).where(User.created_at == bindparam("at", type_=String)))
    async with service.resources.sessions() as session:
        with pytest.raises(DBAPIError):
            await by_id.all(session, {"at": "no date"})

        held = "SELECT count(*) FROM pg_locks WHERE relation = 'users'::regclass AND pid <> pg_backend_pid()"
        assert await session.scalar(text(held)) == 0


async def test_it_sees_what_its_transaction_has_written(service: Service, ada: Account) -> None:
    async with service.resources.sessions() as session:
        await session.execute(text("DELETE FROM users"))

        assert await USERS.all(session, {}) == []
        await session.rollback()
        assert [user.id for user in await USERS.all(session, {})] == [ada.id]


async def test_a_connection_is_held_no_longer_than_the_read(service: Service, ada: Account) -> None:
    async with service.resources.sessions() as session:
        assert await USERS.first(session, {}) is not None

        assert service.resources.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of the class used here


@pytest.mark.parametrize("pooled", [False, True], ids=["direct", "pooled"])
async def test_waiting_too_long_is_a_503(service: Service, ada: Account, database_url: str, *, pooled: bool) -> None:
    direct_url = SecretStr(database_url) if pooled else None
    settings = settings_for(database_url, database_url_direct=direct_url, database_lock_timeout_seconds=0.05)
    async with run_service(settings) as impatient, service.resources.engine.begin() as other:
        await other.execute(text("LOCK TABLE users"))

        response = await impatient.client.get(paths.ME, headers=ada.headers)

    assert (response.status_code, response.json()["code"]) == (503, "database-unavailable")


async def test_a_connection_that_dies_meanwhile_is_a_503_and_replaced(service: Service, ada: Account) -> None:
    async with service.resources.engine.begin() as other:
        await other.execute(text("LOCK TABLE users"))
        waiting = asyncio.create_task(service.client.get(paths.ME, headers=ada.headers))
        (process,) = await service.wait_for_lock_waits(1)
        await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": process})
        lost = await waiting
    after = await service.client.get(paths.ME, headers=ada.headers)

    assert (lost.status_code, lost.json()["code"]) == (503, "database-unavailable")
    assert after.status_code == 200
