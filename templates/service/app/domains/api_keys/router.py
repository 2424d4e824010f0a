"""`/api-keys`: the own keys for programs. No key opens these routes: none can make itself a stronger one."""

from fastapi import APIRouter, status

from app.core.keys import Key
from app.core.problems import documented

# % if service
from app.domains.api_keys.dependencies import ApiKeyServiceDep

# % else
# + from app.domains.api_keys.dependencies import ApiKeyServiceDep, CallerDep
# % endif
from app.domains.api_keys.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyRead

# % if service
from app.domains.auth.dependencies import CallerDep

# % endif

router = APIRouter(prefix="/api-keys", tags=["api keys"], responses=documented(status.HTTP_401_UNAUTHORIZED))


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Create an API key",
    responses=documented(status.HTTP_409_CONFLICT),
)
async def create_api_key(wanted: ApiKeyCreate, caller: CallerDep, keys: ApiKeyServiceDep) -> ApiKeyCreated:
    """Create a key. This answer is the only one that shows it whole."""
    key, text = await keys.create(caller.id, wanted)
    return ApiKeyCreated(**ApiKeyRead.model_validate(key).model_dump(), key=text)


@router.get("", summary="List API keys")
async def list_api_keys(caller: CallerDep, keys: ApiKeyServiceDep) -> list[ApiKeyRead]:
    """List the own keys, the oldest first."""
    return [ApiKeyRead.model_validate(key) for key in await keys.of_owner(caller.id)]


@router.delete(
    "/{key_id:key}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Delete an API key",
    responses=documented(status.HTTP_404_NOT_FOUND),
)
async def delete_api_key(key_id: Key, caller: CallerDep, keys: ApiKeyServiceDep) -> None:
    """Delete one of the own keys; it works no more from then on."""
    await keys.delete(caller.id, key_id)
