"""How a route gets at API keys, and how it lets those in who hold one."""

from collections.abc import Callable, Coroutine
from typing import Annotated

from fastapi import Depends
from fastapi.security import APIKeyHeader

from app.core.database import SessionDep
from app.domains.api_keys.errors import InsufficientScopeError
from app.domains.api_keys.repository import ApiKeyRepository
from app.domains.api_keys.schemas import Scope
from app.domains.api_keys.service import ApiKeyService
from app.domains.auth.dependencies import AdmissionDep
from app.domains.users.schemas import Caller

api_key_header = APIKeyHeader(name="X-API-Key", auto_error=False)


async def get_api_key_service(session: SessionDep) -> ApiKeyService:
    """Give the service on the request's transaction."""
    return ApiKeyService(ApiKeyRepository(session))


ApiKeyServiceDep = Annotated[ApiKeyService, Depends(get_api_key_service)]


def require_scope(
    scope: Scope,
) -> Callable[[str | None, ApiKeyServiceDep, AdmissionDep], Coroutine[None, None, None]]:
    """Make a dependency that opens a route to API keys with a scope. Without it, a route knows no API keys.

    It goes into the decorator's `dependencies`, which run before those of the route's parameters. A bearer token is
    the user's own: it needs no scope.
    """

    async def admit(
        sent: Annotated[str | None, Depends(api_key_header)], keys: ApiKeyServiceDep, admission: AdmissionDep
    ) -> None:
        if sent is None:
            return
        key = await keys.recognise(sent)
        if scope not in key.scopes:
            raise InsufficientScopeError(scope)
        admission.caller = Caller.model_validate(key.user)

    return admit
