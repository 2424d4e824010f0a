"""How a route gets at API keys, and how it lets those in who hold one."""

from collections.abc import Callable, Coroutine

# % if not service
# + from dataclasses import dataclass
# % endif
from typing import Annotated

from fastapi import Depends
from fastapi.security import APIKeyHeader

from app.core.database import SessionDep

# % if not service
# + from app.core.errors import UnauthenticatedError
# + from app.domains.api_keys.models import ApiKey
# % endif
from app.domains.api_keys.errors import InvalidApiKeyError
from app.domains.api_keys.repository import ApiKeyRepository
from app.domains.api_keys.schemas import Scope
from app.domains.api_keys.service import ApiKeyService

# % if service
from app.domains.auth.dependencies import AdmissionDep
from app.domains.users.repository import UserRepository

# % endif
api_key_header = APIKeyHeader(name="X-API-Key", auto_error=False)


async def get_api_key_service(session: SessionDep) -> ApiKeyService:
    """Give the service on the request's transaction."""
    return ApiKeyService(ApiKeyRepository(session))


ApiKeyServiceDep = Annotated[ApiKeyService, Depends(get_api_key_service)]


# % if service
def require_scope(scope: Scope) -> Callable[[str | None, SessionDep, AdmissionDep], Coroutine[None, None, None]]:
    """Make a dependency that opens a route to API keys with a scope. Without it, a route knows no API keys.

    It goes into the decorator's `dependencies`, which run before those of the route's parameters. A bearer token is
    the user's own: it needs no scope.
    """

    async def admit(
        sent: Annotated[str | None, Depends(api_key_header)], session: SessionDep, admission: AdmissionDep
    ) -> None:
        if sent is None:
            return
        key = await ApiKeyService(ApiKeyRepository(session)).recognise(sent, scope)
        admission.caller = await UserRepository(session).caller(key.user_id)
        if admission.caller is None:  # the account was deleted a moment ago
            raise InvalidApiKeyError

    return admit


# % else
# + def accept_scope(scope: Scope) -> Callable[[str | None, ApiKeyServiceDep], Coroutine[None, None, ApiKey | None]]:
# +     """Make a dependency that gives the key that was sent, if it has a scope: it says whose it is.
# +
# +     It gives None where no key was sent, for a route that people open as well, by logging in.
# +     """
# +
# +     async def accept(sent: Annotated[str | None, Depends(api_key_header)], keys: ApiKeyServiceDep) -> ApiKey | None:
# +         return None if sent is None else await keys.recognise(sent, scope)
# +
# +     return accept
# +
# +
# + def require_scope(scope: Scope) -> Callable[[ApiKey | None], Coroutine[None, None, ApiKey]]:
# +     """Make a dependency that lets in only who holds a key with a scope, and gives the key."""
# +
# +     async def require(key: Annotated[ApiKey | None, Depends(accept_scope(scope))]) -> ApiKey:
# +         if key is None:
# +             raise UnauthenticatedError
# +         return key
# +
# +     return require
# +
# +
# + @dataclass(frozen=True)
# + class Caller:
# +     """Who makes, lists and deletes the own keys."""
# +
# +     id: str
# +
# +
# + async def get_caller() -> Caller:
# +     """Recognise the caller by what this project logs its users in with. Until that is written, nobody has keys."""
# +     raise UnauthenticatedError
# +
# +
# + CallerDep = Annotated[Caller, Depends(get_caller)]
# % endif
