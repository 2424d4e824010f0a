"""`/users`: registration and one's own profile."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.core.pagination import Page
from app.core.problems import documented
from app.domains.api_keys.dependencies import require_scope
from app.domains.api_keys.schemas import Scope
from app.domains.auth.dependencies import AdminUser, CurrentUser
from app.domains.users.dependencies import UserServiceDep
from app.domains.users.schemas import PasswordChange, UserCreate, UserQuery, UserRead, UserUpdate

router = APIRouter(prefix="/users", tags=["users"])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Register",
    responses=documented(status.HTTP_409_CONFLICT),
)
async def register_user(
    registration: UserCreate, users: UserServiceDep, request: Request, response: Response
) -> UserRead:
    """Create an account. An e-mail address can be registered once, in whatever case it is written."""
    user = await users.register(registration)
    response.headers["Location"] = request.url_for("read_me").path
    return UserRead.model_validate(user)


# % if roles
@router.get(
    "",
    summary="List users",
    responses=documented(status.HTTP_401_UNAUTHORIZED, status.HTTP_403_FORBIDDEN),
)
async def list_users(query: Annotated[UserQuery, Query()], _admin: AdminUser, users: UserServiceDep) -> Page[UserRead]:
    """List all users, page by page. Only an admin may. Keep `sort` from page to page."""
    found, next_cursor = await users.page(query)
    return Page(items=[UserRead.model_validate(user) for user in found], next_cursor=next_cursor)


# % endif
@router.get(
    "/me",
    summary="Read the own profile",
    # % if api_keys
    dependencies=[Depends(require_scope(Scope.PROFILE_READ))],
    # % endif
    responses=documented(
        status.HTTP_401_UNAUTHORIZED,
        # % if api_keys
        status.HTTP_403_FORBIDDEN,
        # % endif
    ),
)
async def read_me(user: CurrentUser) -> UserRead:
    """Give the profile of the user whose token it is."""
    return UserRead.model_validate(user)


@router.patch("/me", summary="Change the own profile", responses=documented(status.HTTP_401_UNAUTHORIZED))
async def update_me(changes: UserUpdate, user: CurrentUser, users: UserServiceDep) -> UserRead:
    """Change the fields that are sent. Only `bio` may be null."""
    return UserRead.model_validate(await users.update(user, changes))


# % if password_change
@router.put(
    "/me/password",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Change the own password",
    responses=documented(status.HTTP_401_UNAUTHORIZED, status.HTTP_403_FORBIDDEN),
)
async def change_password(change: PasswordChange, user: CurrentUser, users: UserServiceDep) -> None:
    """Replace the password. Every token issued before is void from then on, this one too: log in again.
    # % if api_keys

    API keys stay good until they are deleted.
    # % endif
    """
    await users.change_password(user, change)


# % endif
