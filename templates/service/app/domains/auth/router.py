"""`/auth`: from credentials to a token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, status

from app.core.problems import documented
from app.domains.auth.dependencies import AuthServiceDep
from app.domains.auth.limits import limit_logins
from app.domains.auth.schemas import LoginForm, Token

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post(
    "/token",
    summary="Log in",
    # % if rate_limit
    dependencies=[Depends(limit_logins)],
    # % endif
    responses=documented(
        status.HTTP_401_UNAUTHORIZED,
        # % if rate_limit
        status.HTTP_429_TOO_MANY_REQUESTS,
        # % endif
    ),
)
async def log_in(form: Annotated[LoginForm, Form()], auth: AuthServiceDep) -> Token:
    """Exchange e-mail address and password for an access token, as OAuth2's password flow does."""
    return await auth.log_in(form)
