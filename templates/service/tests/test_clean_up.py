"""What the worker deletes every night."""

import asyncio

from sqlalchemy import text

from app import paths
from app.clean_up import delete_expired
from app.core.worker import CLEAN_UP_AT
from tests.core.running import until
from tests.service import ADA, EVE, Service
from tests.worker import count, running_worker


async def execute(service: Service, statement: str) -> None:
    """Run a statement and commit."""
    async with service.resources.engine.begin() as connection:
        await connection.execute(text(statement))


async def test_rows_that_have_had_their_day_go_and_others_stay(service: Service) -> None:
    await execute(service, "INSERT INTO deliveries (key, created_at) VALUES ('old', '2020-01-01'), ('new', now())")
    await execute(
        service,
        "INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint)"
        " VALUES ('2020-01-01', 1, 'queued', 0, 'old'), (now(), 2, 'queued', 0, 'new')",
    )

    await delete_expired(service.resources.sessions)

    assert await count(service, "deliveries WHERE key = 'new'") == await count(service, "deliveries") == 1
    assert await count(service, "pgqueuer_log WHERE entrypoint = 'new'") == await count(service, "pgqueuer_log") == 1


# % if example and idempotency
async def test_idempotency_records_go_after_a_day(service: Service) -> None:
    account = await service.new_account()
    for key in ("old", "new"):
        headers = account.headers | {"Idempotency-Key": key}
        (await service.client.post("/tasks", json={"title": "Write"}, headers=headers)).raise_for_status()
    await execute(service, "UPDATE idempotency_records SET created_at = now() - interval '25 hours' WHERE key = 'old'")

    await delete_expired(service.resources.sessions)

    assert await count(service, "idempotency_records WHERE key = 'new'") == 1
    assert await count(service, "idempotency_records") == 1


# % endif
# % if refresh_tokens
async def test_a_log_in_is_forgotten_when_its_last_refresh_token_has_expired(service: Service) -> None:
    for login in (ADA, EVE):
        await service.new_account(login)
        token = (await service.log_in(login)).json()["refresh_token"]
        (await service.client.post(paths.REFRESH, json={"refresh_token": token})).raise_for_status()
    first = "SELECT min(family_id::text) FROM refresh_tokens"
    await execute(service, f"UPDATE refresh_tokens SET expires_at = now() WHERE family_id::text = ({first})")  # noqa: S608
    await execute(service, "UPDATE refresh_tokens SET expires_at = now() WHERE used_at IS NOT NULL")

    await delete_expired(service.resources.sessions)

    assert await count(service, "token_families") == 1
    assert await count(service, "refresh_tokens") == 2  # the used one too, whose return would end the family


# % endif
async def test_the_worker_does_it_when_the_time_has_come(service: Service, database_url: str) -> None:
    async def cleaned_up() -> bool:
        return await count(service, "deliveries") == 0

    await execute(service, "INSERT INTO deliveries (key, created_at) VALUES ('old', '2020-01-01')")
    await execute(service, "DELETE FROM pgqueuer_schedules")
    async with service.resources.engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO pgqueuer_schedules (expression, entrypoint, next_run) VALUES (:at, 'clean-up', now())"),
            {"at": CLEAN_UP_AT},
        )

    async with asyncio.timeout(60), running_worker(database_url):
        await until(cleaned_up)
