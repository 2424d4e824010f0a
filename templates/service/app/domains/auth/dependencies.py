"""How a route learns who is calling."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import OAuth2PasswordBearer

from app.core.errors import UnauthenticatedError
from app.core.resources import ResourcesDep
from app.domains.auth.service import AuthService
from app.domains.users.dependencies import UserRepositoryDep
from app.domains.users.models import User
from app.settings import API_PREFIX

bearer = OAuth2PasswordBearer(tokenUrl=f"{API_PREFIX}/auth/token".removeprefix("/"), auto_error=False)


def get_auth_service(users: UserRepositoryDep, resources: ResourcesDep) -> AuthService:
    """Give the service on the request's transaction."""
    return AuthService(users, resources.passwords, resources.tokens)


AuthServiceDep = Annotated[AuthService, Depends(get_auth_service)]


async def get_current_user(token: Annotated[str | None, Depends(bearer)], auth: AuthServiceDep) -> User:
    """Recognise the caller by the bearer token.

    Raises:
        UnauthenticatedError: there is no token.
        InvalidAccessTokenError: there is one, and it is not accepted.
    """
    if token is None:
        raise UnauthenticatedError
    return await auth.user_of(token)


CurrentUser = Annotated[User, Depends(get_current_user)]
