"""From credentials to a token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response, status

from app import paths
from app.core.errors import DomainError
from app.core.passwords import TurnToHash
from app.core.problems import answer_domain_error, documented
from app.domains.auth.dependencies import AuthServiceDep
from app.domains.auth.limits import limit_logins

# % if login_body == "json"
# + from app.domains.auth.schemas import Credentials
# % endif
from app.domains.auth.schemas import LoginForm, PresentedRefreshToken, Token

router = APIRouter(tags=["auth"])


@router.post(
    paths.LOGIN,
    summary="Log in",
    dependencies=[
        # % if rate_limit
        Depends(limit_logins),
        # % endif
        TurnToHash,
    ],
    responses=documented(
        status.HTTP_401_UNAUTHORIZED,
        # % if rate_limit
        status.HTTP_429_TOO_MANY_REQUESTS,
        # % endif
    ),
)
# % if login_body == "form"
async def log_in(form: Annotated[LoginForm, Form()], auth: AuthServiceDep) -> Token:
    # = """Exchange {{ login_words }} and password for an access token, as OAuth2's password flow does."""
    """Exchange e-mail address and password for an access token, as OAuth2's password flow does."""
    return await auth.log_in(form.username, form.password)


# % else
# + async def log_in(sent: Credentials, auth: AuthServiceDep) -> Token:
# +     """Exchange {{ login_words }} and password for an access token."""
# +     return await auth.log_in(sent.{{ login }}, sent.password)
# % endif


# % if refresh_tokens
@router.post(
    paths.REFRESH,
    summary="Renew the access token",
    response_model=Token,
    responses=documented(status.HTTP_401_UNAUTHORIZED),
)
async def refresh_tokens(sent: PresentedRefreshToken, auth: AuthServiceDep, request: Request) -> Token | Response:
    """Exchange a refresh token for new tokens. It is good for one use: a second one ends everything it led to."""
    answer = await auth.refresh(sent.refresh_token)
    if isinstance(answer, DomainError):
        return await answer_domain_error(request, answer)  # returned, not raised, so that the revocation is committed
    return answer


@router.post(paths.LOGOUT, status_code=status.HTTP_204_NO_CONTENT, summary="Log out")
async def log_out(sent: PresentedRefreshToken, auth: AuthServiceDep) -> None:
    """End what began with one log-in: no refresh token of it works any more. Its access token lasts until it expires.

    A token that was not good anyway is no error, so logging out again is none either.
    """
    await auth.log_out(sent.refresh_token)


# % endif
