"""Invitations whose mail takes a second, comes to nothing, or takes very long."""

import asyncio

from fastapi_expert.evals.trial import Service, Trial, expect


async def invite(service: Service, email: str) -> int:
    body = expect(await service.client.post("/invitations", json={"email": email}), 202)
    assert (body["email"], body["status"]) == (email, "pending"), body
    return int(body["id"])


async def status_of(service: Service, number: int) -> str:
    for _ in range(40):
        body = expect(await service.client.get(f"/invitations/{number}"), 200)
        if body["status"] != "pending":
            break
        await asyncio.sleep(0.1)
    return str(body["status"])


async def check_answered(trial: Trial) -> None:
    """The answer is 202 and pending, and a wrong address is refused."""
    await invite(trial.service, "answered@example.com")
    expect(await trial.client.post("/invitations", json={"email": "nobody"}), 422)


async def check_outcome_kept(trial: Trial) -> None:
    """When the mail is out, the invitation is sent."""
    number = await invite(trial.service, "kept@example.com")
    assert await status_of(trial.service, number) == "sent", "four seconds later it is still pending"


async def check_failure_kept(trial: Trial) -> None:
    """When the mail server refuses, the invitation is failed."""
    number = await invite(trial.service, "broken@example.com")
    assert await status_of(trial.service, number) == "failed", "four seconds later it is not failed"


async def check_sent_once(trial: Trial) -> None:
    """Each mail goes out once."""
    await invite(trial.service, "once@example.com")
    assert await trial.service.logs("mail to once@example.com"), "no mail goes out"
    await asyncio.sleep(0.7)
    assert trial.service.log.count("mail to once@example.com") == 1, "it goes out more than once"


async def check_slow_server_holds_up_nobody(trial: Trial) -> None:
    """While the mail server hangs, other requests are answered and no connection waits in a transaction."""
    async with trial.another_service(MAIL_DELAY="4") as slow:
        try:
            async with asyncio.timeout(10):
                for number in range(4):
                    await invite(slow, f"slow{number}@example.com")
                await asyncio.sleep(0.5)
                expect(await slow.client.get("/health"), 200)
                expect(await slow.client.get("/invitations/1"), 200, 404)
        except TimeoutError:
            raise AssertionError("requests wait for the mail server") from None
        idle = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
        )
        assert await trial.value(idle) == 0, "a transaction is open while the mail server hangs"
