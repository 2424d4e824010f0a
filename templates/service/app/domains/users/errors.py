"""What can go wrong with users."""

from app.core.errors import ConflictError


class EmailTakenError(ConflictError):
    """Somebody has registered with this address already."""

    code = "email-taken"
    detail = "An account with this e-mail address exists."
