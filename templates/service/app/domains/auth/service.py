"""Who is calling: from credentials to a token, and from a token to a user."""

from datetime import timedelta

from app.core.passwords import PasswordHasher
from app.core.secret_tokens import digest, new_secret
from app.core.tokens import AccessClaims, AccessTokens, InvalidTokenError
from app.domains.auth.errors import InvalidAccessTokenError, InvalidRefreshTokenError, WrongCredentialsError
from app.domains.auth.models import TokenFamily
from app.domains.auth.repository import RefreshTokenRepository
from app.domains.auth.schemas import Token
from app.domains.users.repository import UserRepository
from app.domains.users.schemas import Caller


class AuthService:
    """Logs users in and recognises them by their tokens."""

    def __init__(
        self,
        users: UserRepository,
        passwords: PasswordHasher,
        tokens: AccessTokens,
        # % if refresh_tokens
        refresh_tokens: RefreshTokenRepository,
        refresh_lifetime: timedelta,
        # % endif
    ) -> None:
        self._users = users
        self._passwords = passwords
        self._tokens = tokens
        # % if refresh_tokens
        self._refresh_tokens = refresh_tokens
        self._refresh_lifetime = refresh_lifetime
        # % endif

    async def log_in(self, login: str, password: str) -> Token:
        """Give a token for the right credentials.

        Raises:
            WrongCredentialsError: an unknown user or a wrong password, alike in answer and in work done.
        """
        user = await self._users.find_by_login(login)
        known = await self._passwords.verify(password, user.password_hash if user else None)
        if user is None or not known:
            raise WrongCredentialsError
        # = claims = AccessClaims(user.id{{ ", user.token_version" if password_change else "" }})
        claims = AccessClaims(user.id, user.token_version)
        # % if refresh_tokens
        family = await self._refresh_tokens.begin_family(user)
        # % endif
        return Token(
            access_token=self._tokens.issue(claims),
            expires_in=int(self._tokens.lifetime.total_seconds()),
            # % if refresh_tokens
            refresh_token=await self._next_refresh_token(family),
            # % endif
        )

    # % if refresh_tokens
    async def refresh(self, refresh_token: str) -> Token | InvalidRefreshTokenError:
        """Exchange a refresh token for new tokens; one that comes a second time revokes its family (RFC 9700, 4.14.2).

        The refusal is returned, not raised: an exception would roll the revocation back.
        """
        family = await self._refresh_tokens.use(digest(refresh_token))
        if family is None:
            await self._refresh_tokens.revoke_family(digest(refresh_token), if_used=True)
            return InvalidRefreshTokenError()
        # = claims = AccessClaims(family.user_id{{ ", family.token_version" if password_change else "" }})
        claims = AccessClaims(family.user_id, family.token_version)
        return Token(
            access_token=self._tokens.issue(claims),
            expires_in=int(self._tokens.lifetime.total_seconds()),
            refresh_token=await self._next_refresh_token(family),
        )

    async def log_out(self, refresh_token: str) -> None:
        """Revoke the token and its family; one that is not good any more, or never was, is no error (RFC 7009)."""
        await self._refresh_tokens.revoke_family(digest(refresh_token))

    async def _next_refresh_token(self, family: TokenFamily) -> str:
        refresh_token = new_secret()
        await self._refresh_tokens.add(digest(refresh_token), family.id, self._refresh_lifetime)
        return refresh_token

    # % endif
    async def caller(self, token: str) -> Caller:
        """Recognise the user whose token it is.

        Raises:
            InvalidAccessTokenError: the token is not valid, or its user is gone.
        """
        try:
            claims = self._tokens.read(token)
        except InvalidTokenError as error:
            raise InvalidAccessTokenError from error
        caller = await self._users.caller(claims.user_id)
        if caller is None:
            raise InvalidAccessTokenError
        # % if password_change
        if claims.token_version != caller.token_version:  # issued before the password was changed
            raise InvalidAccessTokenError
        # % endif
        return caller
