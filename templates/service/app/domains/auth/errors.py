"""What can go wrong in proving who one is."""

from app.core.errors import UnauthenticatedError


class WrongCredentialsError(UnauthenticatedError):
    """The address or the password is wrong; which of the two is nobody's business."""

    code = "wrong-credentials"
    detail = "The e-mail address or the password is wrong."


class InvalidAccessTokenError(UnauthenticatedError):
    """The token was not accepted."""

    code = "invalid-token"
    detail = "The access token is not valid, or no longer. Log in again."
    challenge = 'Bearer error="invalid_token"'
