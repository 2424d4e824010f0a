"""Password hashing: Argon2id, away from the event loop, and never skipped for an unknown user."""

import secrets
from collections.abc import AsyncIterator

from anyio import CapacityLimiter, to_thread
from fastapi import Depends
from pwdlib import PasswordHash

# Each hash takes 64 MiB and a core for tens of milliseconds: more at once would starve everything else.
CONCURRENT_HASHES = 2


async def _take_a_turn() -> AsyncIterator[None]:
    yield


# For routes that look somebody up and then hash: those who wait for a thread would hold a connection each, and a flood
# of log-ins would leave none in the pool for anybody else.
TurnToHash = Depends(_take_a_turn, scope="function", max_concurrency=CONCURRENT_HASHES)


class PasswordHasher:
    """Hashes and verifies passwords in a bounded number of threads."""

    def __init__(self) -> None:
        self._argon2 = PasswordHash.recommended()
        self._threads = CapacityLimiter(CONCURRENT_HASHES)
        self._hash_of_nobody = self._argon2.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """Hash a password for storage."""
        return await to_thread.run_sync(self._argon2.hash, password, limiter=self._threads)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Tell whether the password belongs to the hash.

        With `None`, for a user who doesn't exist, the work is done all the same and the answer is no: the time taken
        must not tell who has an account.
        """
        candidate = password_hash or self._hash_of_nobody
        matches = await to_thread.run_sync(self._argon2.verify, password, candidate, limiter=self._threads)
        return matches and password_hash is not None
