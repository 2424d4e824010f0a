"""`/users`: registration and one's own profile."""

from fastapi import APIRouter, Request, Response, status

from app.core.problems import documented
from app.domains.auth.dependencies import CurrentUser
from app.domains.users.dependencies import UserServiceDep
from app.domains.users.schemas import UserCreate, UserRead, UserUpdate

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


@router.get("/me", summary="Read the own profile", responses=documented(status.HTTP_401_UNAUTHORIZED))
async def read_me(user: CurrentUser) -> UserRead:
    """Give the profile of the user whose token it is."""
    return UserRead.model_validate(user)


@router.patch("/me", summary="Change the own profile", responses=documented(status.HTTP_401_UNAUTHORIZED))
async def update_me(changes: UserUpdate, user: CurrentUser, users: UserServiceDep) -> UserRead:
    """Change the fields that are sent. Only `bio` may be null."""
    return UserRead.model_validate(await users.update(user, changes))
