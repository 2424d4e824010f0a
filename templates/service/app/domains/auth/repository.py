"""Reads and writes refresh tokens. Never commits."""

from datetime import timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.keys import Key
from app.domains.auth.models import RefreshToken, TokenFamily
from app.domains.users.models import User


class RefreshTokenRepository:
    """Refresh tokens in the transaction of one session, each named by its digest."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin_family(self, family: TokenFamily) -> None:
        """Insert a family, without a token yet."""
        self._session.add(family)
        await self._session.flush()

    async def add(self, token_hash: str, family_id: Key, lifetime: timedelta) -> None:
        """Insert a token that is good from now for the lifetime, by the database's clock."""
        values = {"token_hash": token_hash, "family_id": family_id, "expires_at": func.now() + lifetime}
        await self._session.execute(insert(RefreshToken).values(values))

    async def use(self, token_hash: str) -> TokenFamily | None:
        """Use a token up and give its family, if it is good. Of several who use it at once, one succeeds."""
        statement = (
            update(RefreshToken)
            .where(
                RefreshToken.token_hash == token_hash,
                RefreshToken.used_at.is_(None),
                RefreshToken.expires_at > func.now(),
                RefreshToken.family_id == TokenFamily.id,
                TokenFamily.revoked_at.is_(None),
                # % if password_change
                TokenFamily.user_id == User.id,
                TokenFamily.token_version == User.token_version,
                # % endif
            )
            .values(used_at=func.now())
            .returning(TokenFamily)
        )
        return await self._session.scalar(statement, execution_options={"synchronize_session": False})

    async def revoke_family(self, token_hash: str, *, if_used: bool = False) -> None:
        """Revoke the family of a token, if there is such a token.

        Args:
            token_hash: any token of the family.
            if_used: revoke only if this very token has been used before.
        """
        family = select(RefreshToken.family_id).where(RefreshToken.token_hash == token_hash)
        if if_used:
            family = family.where(RefreshToken.used_at.is_not(None))
        await self._session.execute(
            update(TokenFamily)
            .where(TokenFamily.id == family.scalar_subquery(), TokenFamily.revoked_at.is_(None))
            .values(revoked_at=func.now())
        )
