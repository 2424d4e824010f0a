"""Tenants one after the other and at once, over two connections that they all share."""

import asyncio

import httpx2

from fastapi_expert.evals.trial import Trial, expect


async def add(trial: Trial, tenant: object, body: str) -> httpx2.Response:
    return await trial.client.post("/notes", json={"body": body}, headers={"X-Tenant": str(tenant)})


async def notes(trial: Trial, tenant: int) -> list[str]:
    found: list[str] = expect(await trial.client.get("/notes", headers={"X-Tenant": str(tenant)}), 200)
    return found


async def check_own_notes(trial: Trial) -> None:
    """A tenant adds notes and sees them."""
    expect(await add(trial, 11, "eleven"), 201)
    expect(await add(trial, 12, "twelve"), 201)
    assert await notes(trial, 11) == ["eleven"]
    assert await notes(trial, 12) == ["twelve"]
    assert await trial.value("SELECT tenant FROM notes WHERE body = 'twelve'") == 12


async def check_nobody_after_somebody(trial: Trial) -> None:
    """After tenants have called, the public list still shows no tenant's notes."""
    for tenant in (21, 22, 21, 22):
        expect(await add(trial, tenant, f"of {tenant}"), 201)
        await asyncio.gather(*(notes(trial, tenant) for _ in range(4)))
        for _ in range(4):
            shown = expect(await trial.client.get("/notes/public"), 200)
            assert shown == [], f"after tenant {tenant} everybody sees {shown[:3]}"


async def check_notes_at_once(trial: Trial) -> None:
    """Of two hundred requests of ten tenants and of nobody at once, each gets its own rows."""
    for tenant in range(31, 41):
        expect(await add(trial, tenant, f"of {tenant}"), 201)

    async def right(number: int) -> bool:
        tenant = 31 + number % 10
        if number % 4 == 0:
            return bool(expect(await trial.client.get("/notes/public"), 200) == [])
        return await notes(trial, tenant) == [f"of {tenant}"]

    for _ in range(2):
        found = await asyncio.gather(*(right(number) for number in range(100)))
        assert all(found), f"{found.count(False)} of 100 got other rows than their own"


async def check_header_checked(trial: Trial) -> None:
    """Without the header, or with one that is no tenant, /notes answers 422."""
    for headers in (
        {},
        {"X-Tenant": "0"},
        {"X-Tenant": "-1"},
        {"X-Tenant": "x"},
        {"X-Tenant": "1; DROP TABLE notes"},
        {"X-Tenant": ""},
    ):
        expect(await trial.client.get("/notes", headers=headers), 422)
        expect(await trial.client.post("/notes", json={"body": "x"}, headers=headers), 422)
    expect(await trial.client.get("/notes", headers={"X-Tenant": str(10**12)}), 200, 422)


async def check_policy_untouched(trial: Trial) -> None:
    """The policy still decides: the service's role without the setting sees nothing."""
    expect(await add(trial, 51, "policed"), 201)
    async with trial.database.transaction():
        await trial.database.execute("SET LOCAL ROLE notes_service")
        assert await trial.value("SELECT count(*) FROM notes") == 0
