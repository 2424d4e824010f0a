"""What can go wrong with users."""

from app.core.errors import ConflictError, ForbiddenError


class EmailTakenError(ConflictError):
    """Somebody has registered with this address already."""

    code = "email-taken"
    detail = "An account with this e-mail address exists."


# % if password_change
class WrongPasswordError(ForbiddenError):
    """The request is well formed and its token good: what it lacks is the proof that the owner of the account sent it.

    Not a 401, which would tell the client that its token is no good.
    """

    code = "wrong-password"
    detail = "The current password is wrong."


# % endif
