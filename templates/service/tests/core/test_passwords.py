"""Password hashing at its real cost."""

import asyncio

import pytest
from pwdlib import PasswordHash

from app.core.passwords import CONCURRENT_HASHES, PasswordHasher
from tests.service import Service, run_service, settings_for


@pytest.fixture
def passwords(monkeypatch: pytest.MonkeyPatch, quick_hashing: None) -> PasswordHasher:
    """The hasher as the service has it, not as the other tests do."""
    monkeypatch.setattr(PasswordHash, "recommended", ORDINARY)
    return PasswordHasher()


ORDINARY = PasswordHash.recommended


async def test_a_hash_is_argon2id_at_a_cost_that_slows_guessing(passwords: PasswordHasher) -> None:
    password_hash = await passwords.hash("correct horse battery staple")

    assert password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.verify("correct horse battery staple", password_hash)
    assert not await passwords.verify("correct horse battery stable", password_hash)
    assert not await passwords.verify("correct horse battery staple", None)


async def test_hashing_does_not_stop_the_loop(passwords: PasswordHasher) -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0)

    heart = asyncio.create_task(beat())
    await passwords.hash("correct horse battery staple")
    heart.cancel()

    assert beats > 10


async def test_a_flood_of_log_ins_leaves_connections_for_the_others(
    service: Service, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing = asyncio.Semaphore(0)
    go_on = asyncio.Event()

    async def wait(_hasher: PasswordHasher, _password: str, _hash: str | None) -> bool:
        hashing.release()
        await go_on.wait()
        return False

    monkeypatch.setattr(PasswordHasher, "verify", wait)
    settings = settings_for(
        database_url,
        database_pool_size=CONCURRENT_HASHES + 1,
        database_pool_overflow=0,
        database_pool_timeout_seconds=10,
    )
    async with run_service(settings) as small:
        flood = [asyncio.create_task(small.log_in()) for _ in range(20)]
        for _ in range(CONCURRENT_HASHES):
            await hashing.acquire()
        ready = await small.client.get("http://test/health/ready")
        go_on.set()
        answered = [(await log_in).status_code for log_in in flood]

    assert ready.status_code == 200
    assert answered == [401] * 20
