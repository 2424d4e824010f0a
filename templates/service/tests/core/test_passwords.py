"""Password hashing at its real cost."""

import asyncio

import pytest
from pwdlib import PasswordHash

from app.core.passwords import PasswordHasher


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
