"""Deletes rows that have had their day. The worker does it every night."""

from datetime import timedelta

from sqlalchemy import Executable, delete, exists, func, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core import idempotency, messages
from app.core.idempotency import IdempotencyRecord
from app.core.messages import Delivery
from app.domains.auth.models import RefreshToken, TokenFamily

JOB_LOG_KEPT_FOR = timedelta(days=30)


async def delete_expired(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Delete what nobody will ask for again. Being run twice, or half, does no harm."""
    statements: list[Executable] = [
        delete(Delivery).where(Delivery.created_at < func.now() - messages.KEPT_FOR),
        # % if idempotency
        delete(IdempotencyRecord).where(IdempotencyRecord.created_at < func.now() - idempotency.KEPT_FOR),
        # % endif
        # % if refresh_tokens
        # A used token stays as long as its family: when it returns, it ends the family.
        delete(TokenFamily).where(
            ~exists().where(RefreshToken.family_id == TokenFamily.id, RefreshToken.expires_at > func.now())
        ),
        # % endif
        # pgqueuer never deletes what it logs.
        text("DELETE FROM pgqueuer_log WHERE created < now() - :kept").bindparams(kept=JOB_LOG_KEPT_FOR),
        text("DELETE FROM pgqueuer_statistics WHERE created < now() - :kept").bindparams(kept=JOB_LOG_KEPT_FOR),
    ]
    for statement in statements:
        async with sessions.begin() as session:
            await session.execute(statement)
