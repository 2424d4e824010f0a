"""Registration and one's own account."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app import paths
from app.core.offset_pagination import CountedPage
from app.core.passwords import TurnToHash
from app.core.problems import documented
from app.domains.api_keys.dependencies import require_scope
from app.domains.api_keys.schemas import Scope
from app.domains.auth.dependencies import AdminDep, CurrentUser
from app.domains.auth.limits import limit_logins
from app.domains.users.dependencies import UserServiceDep
from app.domains.users.schemas import AccountDeletion, PasswordChange, UserCreate, UserQuery, UserRead, UserUpdate

router = APIRouter(tags=["users"])
# % if password_change or account_deletion
ASKED_FOR_THE_PASSWORD = [
    # % if rate_limit
    Depends(limit_logins),  # whoever has stolen a token could guess here instead
    # % endif
    TurnToHash,
]
PASSWORD_REFUSED = documented(
    status.HTTP_401_UNAUTHORIZED,
    status.HTTP_403_FORBIDDEN,
    # % if rate_limit
    status.HTTP_429_TOO_MANY_REQUESTS,
    # % endif
)
# % endif


# % if registration
@router.post(
    paths.REGISTER,
    status_code=status.HTTP_201_CREATED,
    summary="Register",
    responses=documented(status.HTTP_409_CONFLICT),
)
async def register_user(
    registration: UserCreate, users: UserServiceDep, request: Request, response: Response
) -> UserRead:
    # = """Create an account. The {{ login_words }} is unique, in whatever case it is written."""
    """Create an account. The e-mail address is unique, in whatever case it is written."""
    user = await users.register(registration)
    response.headers["Location"] = request.url_for("read_me").path
    return UserRead.model_validate(user)


# % endif
# % if roles
@router.get(
    paths.USERS,
    summary="List users",
    responses=documented(status.HTTP_401_UNAUTHORIZED, status.HTTP_403_FORBIDDEN),
)
async def list_users(
    query: Annotated[UserQuery, Query()], _admin: AdminDep, users: UserServiceDep
) -> CountedPage[UserRead]:
    """List all users, page by page. Only an admin may. Keep `sort` from page to page."""
    found, total = await users.page(query)
    return CountedPage(items=[UserRead.model_validate(user) for user in found], total=total)


# % endif
@router.get(
    paths.ME,
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


# % if profile_update
@router.patch(
    paths.ME,
    summary="Change the own profile",
    responses=documented(
        status.HTTP_401_UNAUTHORIZED,
        # % if fields | selectattr("unique") | list
        # + status.HTTP_409_CONFLICT,
        # % endif
    ),
)
async def update_me(changes: UserUpdate, user: CurrentUser, users: UserServiceDep) -> UserRead:
    """Change the fields that are sent; the others stay as they are."""
    return UserRead.model_validate(await users.update(user, changes))


# % endif
# % if account_deletion
# The password comes in the body: what is in a URL ends up in logs.
@router.delete(
    paths.ME,
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Delete the own account",
    dependencies=ASKED_FOR_THE_PASSWORD,
    responses=PASSWORD_REFUSED,
)
async def delete_me(deletion: AccountDeletion, user: CurrentUser, users: UserServiceDep) -> None:
    """Delete the account with everything in it, for good. Every token of it is void from then on."""
    await users.delete(user, deletion)


# % endif
# % if password_change
@router.put(
    paths.PASSWORD,
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Change the own password",
    dependencies=ASKED_FOR_THE_PASSWORD,
    responses=PASSWORD_REFUSED,
)
async def change_password(change: PasswordChange, user: CurrentUser, users: UserServiceDep) -> None:
    """Replace the password. Every token issued before is void from then on, this one too: log in again.
    # % if api_keys

    API keys stay good until they are deleted.
    # % endif
    """
    await users.change_password(user, change)


# % endif
