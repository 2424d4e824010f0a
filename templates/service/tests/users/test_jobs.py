# % if welcome
"""What happens after a registration."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from app.core.jobs import JobQueue
from app.domains.users.errors import LoginTakenError
from app.domains.users.repository import UserRepository
from app.domains.users.schemas import UserCreate
from app.domains.users.service import UserService
from tests.service import ADA, Service
from tests.worker import count, run_jobs

LogLines = Callable[[], list[dict[str, Any]]]


async def register(service: Service) -> None:
    """Register as the route and the command do."""
    registration = UserCreate.model_validate(service.registration(ADA))
    async with service.resources.sessions.begin() as session:
        users = UserService(UserRepository(session), service.resources.passwords, JobQueue(session))
        await users.register(registration)


async def test_who_registers_is_welcomed_once(service: Service, log_lines: LogLines) -> None:
    await register(service)
    with pytest.raises(LoginTakenError):
        await register(service)

    await run_jobs(service)

    assert [line["to"] for line in log_lines() if line["event"] == "e-mail"] == [ADA]


async def test_a_job_that_is_run_again_sends_no_second_e_mail(service: Service, log_lines: LogLines) -> None:
    await register(service)
    async with service.resources.engine.begin() as connection:
        columns = "priority, status, entrypoint, payload"
        await connection.execute(text(f"INSERT INTO pgqueuer ({columns}) SELECT {columns} FROM pgqueuer"))  # noqa: S608

    await run_jobs(service)

    assert await count(service, "pgqueuer_log WHERE status = 'successful'") == 2
    assert [line["to"] for line in log_lines() if line["event"] == "e-mail"] == [ADA]


async def test_who_is_gone_is_not_welcomed(service: Service, log_lines: LogLines) -> None:
    await register(service)
    async with service.resources.engine.begin() as connection:
        await connection.execute(text("DELETE FROM users"))

    await run_jobs(service)

    assert [line for line in log_lines() if line["event"] == "e-mail"] == []


# % endif
