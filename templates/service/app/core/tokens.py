"""Access tokens: signed JWTs (RFC 7519) that carry who the caller is and expire soon."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from app.core.keys import Key, parse_key

ALGORITHM = "HS256"


class InvalidTokenError(Exception):
    """The token is malformed, forged, expired or for somebody else."""


@dataclass(frozen=True)
class AccessClaims:
    """What an access token says."""

    user_id: Key
    # % if password_change
    token_version: int  # the user's when the token was issued: a token of an older one is void
    # % endif


class AccessTokens:
    """Issues and reads access tokens under one key."""

    def __init__(self, secret: str, lifetime: timedelta, service: str) -> None:
        """Use the key for every token; `service` is issuer and audience at once."""
        self._secret = secret
        self._service = service
        self.lifetime = lifetime

    def issue(self, said: AccessClaims) -> str:
        """Sign a token that says this, valid from now for the lifetime."""
        now = datetime.now(UTC)
        claims = {
            "sub": str(said.user_id),
            "iss": self._service,
            "aud": self._service,
            "iat": now,
            "exp": now + self.lifetime,
            "jti": uuid.uuid4().hex,
            # % if password_change
            "token_version": said.token_version,
            # % endif
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def read(self, token: str) -> AccessClaims:
        """Read what a token says.

        Raises:
            InvalidTokenError: the signature, a required claim, the time or the subject is wrong.
        """
        # = required = ["sub", "iss", "aud", "iat", "exp"{{ ', "token_version"' if password_change else '' }}]
        required = ["sub", "iss", "aud", "iat", "exp", "token_version"]
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],  # never the one that the token names
                issuer=self._service,
                audience=self._service,
                options={"require": required},  # PyJWT checks `exp` only where it exists
            )
            user_id = parse_key(claims["sub"])
        except (jwt.PyJWTError, ValueError) as error:
            raise InvalidTokenError from error
        # = return AccessClaims(user_id{{ ', claims["token_version"]' if password_change else "" }})
        return AccessClaims(user_id, claims["token_version"])
