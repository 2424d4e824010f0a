"""Refresh tokens: each is good for one use, which gives the next (RFC 9700, section 4.14.2)."""

from datetime import timedelta

from app.core.secret_tokens import digest, new_secret
from app.domains.auth.errors import InvalidRefreshTokenError
from app.domains.auth.models import TokenFamily
from app.domains.auth.repository import RefreshTokenRepository


class RefreshTokens:
    """Gives them out and takes them back."""

    def __init__(self, tokens: RefreshTokenRepository, lifetime: timedelta) -> None:
        """Use this repository; a token is good for this long."""
        self._tokens = tokens
        self._lifetime = lifetime

    async def begin(self, family: TokenFamily) -> str:
        """Give the first token of a new family, for a user who has just proven who they are."""
        await self._tokens.begin_family(family)
        return await self._next(family)

    async def exchange(self, token: str) -> tuple[TokenFamily, str] | InvalidRefreshTokenError:
        """Use a token up, and give its family with the next one; one that comes a second time revokes its family.

        The refusal is returned, not raised: an exception would roll the revocation back.
        """
        family = await self._tokens.use(digest(token))
        if family is None:
            await self._tokens.revoke_family(digest(token), if_used=True)
            return InvalidRefreshTokenError()
        return family, await self._next(family)

    async def revoke(self, token: str) -> None:
        """Revoke the family of a token; one that is not good any more, or never was, is no error (RFC 7009)."""
        await self._tokens.revoke_family(digest(token))

    async def _next(self, family: TokenFamily) -> str:
        token = new_secret()
        await self._tokens.add(digest(token), family.id, self._lifetime)
        return token
