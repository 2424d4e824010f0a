"""What can go wrong in proving who one is."""

from app.core.errors import ForbiddenError, UnauthenticatedError


# % if service
class WrongCredentialsError(UnauthenticatedError):
    # = """The {{ login_words }} or the password is wrong; which of the two is nobody's business."""
    """The e-mail address or the password is wrong; which of the two is nobody's business."""

    code = "wrong-credentials"
    # = detail = "The {{ login_words }} or the password is wrong."
    detail = "The e-mail address or the password is wrong."


class InvalidAccessTokenError(UnauthenticatedError):
    """The token was not accepted."""

    code = "invalid-token"
    detail = "The access token is not valid, or no longer. Log in again."
    challenge = 'Bearer error="invalid_token"'


# % endif
# % if refresh_tokens
class InvalidRefreshTokenError(UnauthenticatedError):
    """The refresh token was not accepted; whether it is unknown, used, expired or revoked is not told."""

    code = "invalid-refresh-token"
    detail = "The refresh token is not valid, or no longer. Log in again."


# % endif
# % if roles
class AdminsOnlyError(ForbiddenError):
    """The caller is no admin."""

    code = "admins-only"
    detail = "Only an admin may do this."


# % endif
