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
from app.domains.auth.errors import AdminsOnlyError, InvalidAccessTokenError
from app.domains.auth.refresh_tokens import RefreshTokens
from app.domains.auth.repository import RefreshTokenRepository
from app.domains.auth.service import AuthService
from app.domains.users.models import Role, User
from app.domains.users.repository import UserRepository
from app.domains.users.schemas import Caller
from app.settings import API_PREFIX

# % if login_body == "form"
bearer = OAuth2PasswordBearer(tokenUrl=f"{API_PREFIX}{paths.LOGIN}".removeprefix("/"), auto_error=False)
# % else
# + http_bearer = HTTPBearer(auto_error=False)
# +
# +
# + async def bearer(sent: Annotated[HTTPAuthorizationCredentials | None, Depends(http_bearer)]) -> str | None:
# +     """Take the token from the header."""
# +     return sent.credentials if sent else None
# % endif


async def get_auth_service(session: SessionDep, resources: ResourcesDep) -> AuthService:
    """Give the service on the request's transaction."""
    return AuthService(
        UserRepository(session),
        resources.passwords,
        resources.tokens,
        # % if refresh_tokens
        RefreshTokens(RefreshTokenRepository(session), timedelta(days=resources.settings.refresh_token_days)),
        # % endif
    )


AuthServiceDep = Annotated[AuthService, Depends(get_auth_service)]


# % if api_keys
class Admission:
    """Whom the request was let in for, by an API key that the route takes. There is one for each request."""

    def __init__(self) -> None:
        self.caller: Caller | None = None


async def get_admission() -> Admission:
    """Begin with nobody let in."""
    return Admission()


AdmissionDep = Annotated[Admission, Depends(get_admission)]


# % endif
async def get_caller(
    token: Annotated[str | None, Depends(bearer)],
    auth: AuthServiceDep,
    # % if api_keys
    admission: AdmissionDep,
    # % endif
) -> Caller:
    """Recognise the caller by the bearer token.

    Raises:
        UnauthenticatedError: there is no token.
        InvalidAccessTokenError: there is one, and it is not accepted.
    """
    # % if api_keys
    if admission.caller is not None:  # `require_scope` has recognised an API key
        return admission.caller
    # % endif
    if token is None:
        raise UnauthenticatedError
    return await auth.caller(token)


CallerDep = Annotated[Caller, Depends(get_caller)]


async def get_current_user(caller: CallerDep, session: SessionDep) -> User:
    """Load the caller, for a route that shows or changes more of the account than its key.

    Raises:
        InvalidAccessTokenError: the account was deleted a moment ago.
    """
    user = await UserRepository(session).get(caller.id)
    if user is None:
        raise InvalidAccessTokenError
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


# % if roles
async def get_admin(caller: CallerDep) -> Caller:
    """Recognise the caller as an admin. The role is read for each request, so taking it away works at once.

    Raises:
        AdminsOnlyError: the caller is none.
    """
    if caller.role is not Role.ADMIN:
        raise AdminsOnlyError
    return caller


AdminDep = Annotated[Caller, Depends(get_admin)]
# % endif
