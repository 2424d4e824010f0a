"""What can be done with API keys, and whether one is good."""

import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.core.keys import Key
from app.core.secret_tokens import digest, new_secret
from app.domains.api_keys.errors import (
    ApiKeyNotFoundError,
    InsufficientScopeError,
    InvalidApiKeyError,
    TooManyApiKeysError,
)
from app.domains.api_keys.models import ApiKey
from app.domains.api_keys.repository import ApiKeyRepository
from app.domains.api_keys.schemas import ApiKeyCreate, Scope

# The prefix is public and finds the key, the secret proves it.
FORM = re.compile(r"([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
PER_USER = 50  # what one answer can list
USE_NOTED_EVERY = timedelta(minutes=1)


class ApiKeyService:
    """Keeps the keys of each user, and recognises them."""

    def __init__(self, keys: ApiKeyRepository) -> None:
        self._keys = keys

    # = async def create(self, owner_id: {{ user_key }}, wanted: ApiKeyCreate) -> tuple[ApiKey, str]:
    async def create(self, owner_id: Key, wanted: ApiKeyCreate) -> tuple[ApiKey, str]:
        """Create a key, and give it with the text that is sent, which is nowhere else.

        Raises:
            TooManyApiKeysError: the user has as many as one may have.
        """
        if len(await self._keys.of_owner(owner_id)) >= PER_USER:
            raise TooManyApiKeysError
        prefix, secret = secrets.token_hex(8), new_secret()
        key = ApiKey(
            user_id=owner_id,
            name=wanted.name,
            prefix=prefix,
            secret_hash=digest(secret),
            scopes=sorted(wanted.scopes),
            expires_at=wanted.expires_at,
        )
        await self._keys.add(key)
        return key, f"{prefix}_{secret}"

    # = async def of_owner(self, owner_id: {{ user_key }}) -> Sequence[ApiKey]:
    async def of_owner(self, owner_id: Key) -> Sequence[ApiKey]:
        """List a user's keys, the oldest first."""
        return await self._keys.of_owner(owner_id)

    # = async def delete(self, owner_id: {{ user_key }}, key_id: Key) -> None:
    async def delete(self, owner_id: Key, key_id: Key) -> None:
        """Delete a key, which revokes it.

        Raises:
            ApiKeyNotFoundError: there is none, or it is somebody else's.
        """
        if not await self._keys.delete(owner_id, key_id):
            raise ApiKeyNotFoundError

    async def recognise(self, sent: str, scope: Scope) -> ApiKey:
        """Find the key that was sent, if it is good for what is asked.

        Raises:
            InvalidApiKeyError: it is malformed, unknown, revoked or expired.
            InsufficientScopeError: it lacks the scope.
        """
        parts = FORM.fullmatch(sent)
        if parts is None:
            raise InvalidApiKeyError
        key = await self._keys.find_unexpired(parts[1])
        # Bytes: compare_digest raises TypeError on text that is not ASCII.
        if key is None or not hmac.compare_digest(digest(parts[2]).encode(), key.secret_hash.encode()):
            raise InvalidApiKeyError
        if key.last_used_at is None or key.last_used_at < datetime.now(UTC) - USE_NOTED_EVERY:
            await self._keys.record_use(key)
        if scope not in key.scopes:
            raise InsufficientScopeError(scope)
        return key
