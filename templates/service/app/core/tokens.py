"""Access tokens: signed JWTs (RFC 7519) that carry who the caller is and expire soon."""

import uuid
from datetime import UTC, datetime, timedelta

import jwt

ALGORITHM = "HS256"


class InvalidTokenError(Exception):
    """The token is malformed, forged, expired or for somebody else."""


class AccessTokens:
    """Issues and reads access tokens under one key."""

    def __init__(self, secret: str, lifetime: timedelta, service: str) -> None:
        """Use the key for every token; `service` is issuer and audience at once."""
        self._secret = secret
        self._service = service
        self.lifetime = lifetime

    def issue(self, user_id: uuid.UUID) -> str:
        """Sign a token for a user, valid from now for the lifetime."""
        now = datetime.now(UTC)
        claims = {
            "sub": str(user_id),
            "iss": self._service,
            "aud": self._service,
            "iat": now,
            "exp": now + self.lifetime,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def user_id(self, token: str) -> uuid.UUID:
        """Read whose token it is.

        Raises:
            InvalidTokenError: the signature, a required claim, the time or the subject is wrong.
        """
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],  # never the one that the token names
                issuer=self._service,
                audience=self._service,
                options={"require": ["sub", "iss", "aud", "iat", "exp"]},  # PyJWT checks `exp` only where it exists
            )
            return uuid.UUID(claims["sub"])
        except (jwt.PyJWTError, ValueError) as error:
            raise InvalidTokenError from error
