"""Reads and writes API keys. Never commits."""

from collections.abc import Sequence

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.keys import Key
from app.domains.api_keys.models import ApiKey


class ApiKeyRepository:
    """API keys in the transaction of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, key: ApiKey) -> None:
        """Insert a key."""
        self._session.add(key)
        await self._session.flush()

    # = async def of_owner(self, owner_id: {{ user_key }}) -> Sequence[ApiKey]:
    async def of_owner(self, owner_id: Key) -> Sequence[ApiKey]:
        """List a user's keys, the oldest first."""
        statement = select(ApiKey).where(ApiKey.user_id == owner_id).order_by(ApiKey.created_at, ApiKey.id)
        return (await self._session.scalars(statement)).all()

    async def find_unexpired(self, prefix: str) -> ApiKey | None:
        """Find a key that is not out of date."""
        unexpired = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now())
        return await self._session.scalar(select(ApiKey).where(ApiKey.prefix == prefix, unexpired))

    async def record_use(self, key: ApiKey) -> None:
        """Note that a key is in use now. Who finds it being noted by somebody else goes on instead of waiting."""
        unchanged = ApiKey.last_used_at.is_not_distinct_from(key.last_used_at)
        free = select(ApiKey.id).where(ApiKey.id == key.id, unchanged).with_for_update(skip_locked=True)
        await self._session.execute(
            update(ApiKey).where(ApiKey.id == free.scalar_subquery()).values(last_used_at=func.now()),
            execution_options={"synchronize_session": False},
        )

    # = async def delete(self, owner_id: {{ user_key }}, key_id: Key) -> bool:
    async def delete(self, owner_id: Key, key_id: Key) -> bool:
        """Delete a key, if it is the owner's, and tell whether there was one."""
        statement = delete(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == owner_id).returning(ApiKey.id)
        return await self._session.scalar(statement) is not None
