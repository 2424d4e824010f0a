"""Who is calling: from credentials to a token, and from a token to a user."""

from app.core.passwords import PasswordHasher
from app.core.tokens import AccessTokens, InvalidTokenError
from app.domains.auth.errors import InvalidAccessTokenError, WrongCredentialsError
from app.domains.auth.schemas import LoginForm, Token
from app.domains.users.models import User
from app.domains.users.repository import UserRepository


class AuthService:
    """Logs users in and recognises them by their tokens."""

    def __init__(self, users: UserRepository, passwords: PasswordHasher, tokens: AccessTokens) -> None:
        self._users = users
        self._passwords = passwords
        self._tokens = tokens

    async def log_in(self, form: LoginForm) -> Token:
        """Give a token for the right credentials.

        Raises:
            WrongCredentialsError: an unknown user or a wrong password, alike in answer and in work done.
        """
        user = await self._users.find_by_email(form.username)
        known = await self._passwords.verify(form.password, user.password_hash if user else None)
        if user is None or not known:
            raise WrongCredentialsError
        return Token(access_token=self._tokens.issue(user.id), expires_in=int(self._tokens.lifetime.total_seconds()))

    async def user_of(self, token: str) -> User:
        """Find the user whose token it is.

        Raises:
            InvalidAccessTokenError: the token is not valid, or its user is gone.
        """
        try:
            user_id = self._tokens.user_id(token)
        except InvalidTokenError as error:
            raise InvalidAccessTokenError from error
        user = await self._users.get(user_id)
        if user is None:
            raise InvalidAccessTokenError
        return user
