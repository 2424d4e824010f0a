"""`Idempotency-Key`: a POST that is sent again does its work once (IETF draft, The Idempotency-Key HTTP Header Field).

The key is stored in the transaction that does the work: both are there or neither, and a second request with the same
key waits for the first.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header
from pydantic import BaseModel
from sqlalchemy import ForeignKey, String, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, SessionDep
from app.core.errors import InvalidRequestError
from app.core.keys import Key
from app.domains.auth.dependencies import CallerDep

Answer = TypeVar("Answer", bound=BaseModel)
KEPT_FOR = timedelta(hours=24)


class IdempotencyKeyReusedError(InvalidRequestError):
    """The key came with another request before."""

    code = "idempotency-key-reused"
    detail = "This Idempotency-Key was used for a different request. Take a new key for a new request."


class IdempotencyRecord(Base):
    """What was answered to a key of a user."""

    __tablename__ = "idempotency_records"

    # % if service
    user_id: Mapped[Key] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    # % else
    # + user_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    # % endif
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Idempotency:
    """Makes work happen once for the key that the request carries; without a key, as often as it is asked."""

    # = def __init__(self, session: AsyncSession, user_id: {{ user_key }}, key: str | None) -> None:
    def __init__(self, session: AsyncSession, user_id: Key, key: str | None) -> None:
        self._session = session
        self._user_id = user_id
        self._key = key

    def once(
        self, operation: str, sent: BaseModel, answer: type[Answer], work: Callable[[], Awaitable[Answer]]
    ) -> Callable[[], Awaitable[Answer]]:
        """Wrap the work, so that it is done at most once for the key and its answer is given again.

        Args:
            operation: what tells the route from others that take keys.
            sent: the body; the same key with another body is refused.
            answer: the model of the answer, to read it back.
            work: does it, in the session that this was made with.
        """

        async def at_most_once() -> Answer:
            if self._key is None:
                return await work()
            digest = hashlib.sha256(f"{operation} {sent.model_dump_json()}".encode()).hexdigest()
            if not await self._claim(digest):
                return answer.model_validate(await self._answered(digest))
            done = await work()
            await self._session.execute(
                update(IdempotencyRecord).where(*self._mine()).values(answer=done.model_dump(mode="json"))
            )
            return done

        return at_most_once

    async def _claim(self, digest: str) -> bool:
        # Each user's records that are out of date go when the next one comes.
        outdated = (IdempotencyRecord.user_id == self._user_id, IdempotencyRecord.created_at < func.now() - KEPT_FOR)
        await self._session.execute(delete(IdempotencyRecord).where(*outdated))
        # Waits for another transaction that holds the key.
        statement = (
            insert(IdempotencyRecord)
            .values(user_id=self._user_id, key=self._key, request_hash=digest)
            .on_conflict_do_nothing()
            .returning(IdempotencyRecord.key)
        )
        return await self._session.scalar(statement) is not None

    async def _answered(self, digest: str) -> dict[str, Any] | None:
        record = (await self._session.scalars(select(IdempotencyRecord).where(*self._mine()))).one()
        if record.request_hash != digest:
            raise IdempotencyKeyReusedError
        return record.answer

    def _mine(self) -> tuple[Any, Any]:
        return IdempotencyRecord.user_id == self._user_id, IdempotencyRecord.key == self._key


IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]


# % if service
async def get_idempotency(
    session: SessionDep, caller: CallerDep, idempotency_key: IdempotencyKey = None
) -> Idempotency:
    """Give what makes the work of this request happen once."""
    return Idempotency(session, caller.id, idempotency_key)


IdempotencyDep = Annotated[Idempotency, Depends(get_idempotency)]
# % endif
