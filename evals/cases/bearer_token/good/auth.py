"""Who calls: read from a Bearer token of the login service."""

import os
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

bearer = HTTPBearer(auto_error=False)


def get_secret() -> str:
    return os.environ["JWT_SECRET"]


def get_user_id(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    secret: Annotated[str, Depends(get_secret)],
) -> int:
    """Give the caller's number, or answer 401."""
    refusal = HTTPException(401, "A valid token is needed.", headers={"WWW-Authenticate": "Bearer"})
    if credentials is None:
        raise refusal
    try:
        claims = jwt.decode(
            credentials.credentials,
            secret,
            algorithms=["HS256"],
            audience="orders",
            options={"require": ["sub", "aud", "exp"]},
        )
        return int(claims["sub"])
    except (jwt.PyJWTError, ValueError) as error:
        raise refusal from error


UserId = Annotated[int, Depends(get_user_id)]
