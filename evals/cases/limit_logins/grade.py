"""Attempts at the limit, over two processes, with forged addresses, and without Valkey."""

import asyncio
import time

import httpx2
from valkey.asyncio import Valkey

from fastapi_expert.evals.trial import Service, Trial, expect

WRONG = {"username": "ada", "password": "guess"}
RIGHT = {"username": "ada", "password": "correct horse"}


async def forget(trial: Trial) -> None:
    """Empty the counter, as a minute of waiting would."""
    if (left := 60 - time.time() % 60) < 10:  # seconds: no minute ends in the middle of a check
        await asyncio.sleep(left)
    async with Valkey.from_url(trial.environment["VALKEY_URL"]) as valkey:
        await valkey.flushall()


async def attempt(
    service: Service, body: dict[str, str] = WRONG, headers: dict[str, str] | None = None
) -> httpx2.Response:
    return await service.client.post("/login", json=body, headers=headers)


async def check_limited(trial: Trial) -> None:
    """Five attempts get their answer, and the sixth within a minute 429 with Retry-After, be it right or wrong."""
    await forget(trial)
    async with trial.another_service() as service:
        assert expect(await attempt(service, RIGHT), 200) == {"user": "ada"}
        for _ in range(4):
            expect(await attempt(service), 401)
        for body in (WRONG, RIGHT):
            answer = await attempt(service, body)
            expect(answer, 429)
            assert 1 <= int(answer.headers.get("retry-after", "0")) <= 60, (
                f"Retry-After: {answer.headers.get('retry-after')}"
            )
        expect(await service.client.get("/health"), 200)


async def check_shared(trial: Trial) -> None:
    """Two processes count together."""
    await forget(trial)
    async with trial.another_service() as one, trial.another_service() as other:
        answers = [await attempt(service) for service in (one, other) * 4]
    found = [answer.status_code for answer in answers]
    assert found == [401] * 5 + [429] * 3, f"in turns the two answered {found}"


async def check_forged_address(trial: Trial) -> None:
    """Forwarding headers make no other client."""
    await forget(trial)
    async with trial.another_service() as service:
        for number in range(5):
            forged = f"203.0.113.{number}"
            await attempt(service, headers={"X-Forwarded-For": forged, "X-Real-IP": forged})
        expect(await attempt(service, headers={"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"}), 429)


async def check_without_valkey(trial: Trial) -> None:
    """When Valkey goes away, log-ins go on, and the service starts without it."""
    trial.valkey.stop()
    expect(await attempt(trial.service, RIGHT), 200)
    async with trial.another_service() as service:
        expect(await attempt(service, RIGHT), 200)
        expect(await attempt(service), 401)
