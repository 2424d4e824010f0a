"""Who is calling: from credentials to a token, and from a token to a user."""

from app.core.passwords import PasswordHasher
from app.core.tokens import AccessClaims, AccessTokens, InvalidTokenError
from app.domains.auth.errors import InvalidAccessTokenError, InvalidRefreshTokenError, WrongCredentialsError
from app.domains.auth.models import TokenFamily
from app.domains.auth.refresh_tokens import RefreshTokens
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
        refresh_tokens: RefreshTokens,
        # % endif
    ) -> None:
        self._users = users
        self._passwords = passwords
        self._tokens = tokens
        # % if refresh_tokens
        self._refresh_tokens = refresh_tokens
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
        # = family = TokenFamily(user_id=user.id{{ ", token_version=user.token_version" if password_change else "" }})
        family = TokenFamily(user_id=user.id, token_version=user.token_version)
        # % endif
        return Token(
            access_token=self._tokens.issue(claims),
            expires_in=int(self._tokens.lifetime.total_seconds()),
            # % if refresh_tokens
            refresh_token=await self._refresh_tokens.begin(family),
            # % endif
        )

    # % if refresh_tokens
    async def refresh(self, refresh_token: str) -> Token | InvalidRefreshTokenError:
        """Exchange a refresh token for new tokens. A refusal is returned, not raised, so that its effect is kept."""
        exchanged = await self._refresh_tokens.exchange(refresh_token)
        if isinstance(exchanged, InvalidRefreshTokenError):
            return exchanged
        family, next_token = exchanged
        # = claims = AccessClaims(family.user_id{{ ", family.token_version" if password_change else "" }})
        claims = AccessClaims(family.user_id, family.token_version)
        return Token(
            access_token=self._tokens.issue(claims),
            expires_in=int(self._tokens.lifetime.total_seconds()),
            refresh_token=next_token,
        )

    async def log_out(self, refresh_token: str) -> None:
        """Revoke the token and all that came of the same log-in."""
        await self._refresh_tokens.revoke(refresh_token)

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
