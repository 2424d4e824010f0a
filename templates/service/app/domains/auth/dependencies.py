"""How a route learns who is calling."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends

# % if login_body == "json"
# + from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
# % endif
from fastapi.security import OAuth2PasswordBearer

from app import paths
from app.core.database import SessionDep
from app.core.errors import UnauthenticatedError
from app.core.resources import ResourcesDep
from app.domains.auth.errors import AdminsOnlyError
from app.domains.auth.repository import RefreshTokenRepository
from app.domains.auth.service import AuthService
from app.domains.users.dependencies import UserRepositoryDep
from app.domains.users.models import Role, User
from app.settings import API_PREFIX

# % if login_body == "form"
bearer = OAuth2PasswordBearer(tokenUrl=f"{API_PREFIX}{paths.LOGIN}".removeprefix("/"), auto_error=False)
# % else
# + http_bearer = HTTPBearer(auto_error=False)
# +
# +
# + def bearer(sent: Annotated[HTTPAuthorizationCredentials | None, Depends(http_bearer)]) -> str | None:
# +     """Take the token from the header."""
# +     return sent.credentials if sent else None
# % endif


async def get_auth_service(
    users: UserRepositoryDep,
    resources: ResourcesDep,
    # % if refresh_tokens
    session: SessionDep,
    # % endif
) -> AuthService:
    """Give the service on the request's transaction."""
    return AuthService(
        users,
        resources.passwords,
        resources.tokens,
        # % if refresh_tokens
        RefreshTokenRepository(session),
        timedelta(days=resources.settings.refresh_token_days),
        # % endif
    )


AuthServiceDep = Annotated[AuthService, Depends(get_auth_service)]


# % if api_keys
class Admission:
    """Whom the request was let in for, by an API key that the route takes. There is one for each request."""

    def __init__(self) -> None:
        self.user: User | None = None


async def get_admission() -> Admission:
    """Begin with nobody let in."""
    return Admission()


AdmissionDep = Annotated[Admission, Depends(get_admission)]


# % endif
async def get_current_user(
    token: Annotated[str | None, Depends(bearer)],
    auth: AuthServiceDep,
    # % if api_keys
    admission: AdmissionDep,
    # % endif
) -> User:
    """Recognise the caller by the bearer token.

    Raises:
        UnauthenticatedError: there is no token.
        InvalidAccessTokenError: there is one, and it is not accepted.
    """
    # % if api_keys
    if admission.user is not None:  # `require_scope` has recognised an API key
        return admission.user
    # % endif
    if token is None:
        raise UnauthenticatedError
    return await auth.user_of(token)


CurrentUser = Annotated[User, Depends(get_current_user)]


# % if roles
async def get_admin(user: CurrentUser) -> User:
    """Recognise the caller as an admin. The role is read for each request, so taking it away works at once.

    Raises:
        AdminsOnlyError: the caller is none.
    """
    if user.role is not Role.ADMIN:
        raise AdminsOnlyError
    return user


AdminUser = Annotated[User, Depends(get_admin)]
# % endif
