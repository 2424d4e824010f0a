"""What can go wrong in the domain, in words that know nothing of HTTP. `problems.py` says which status each becomes."""


class DomainError(Exception):
    """The base of every error that a service or repository raises on purpose.

    Attributes:
        code: a stable name that clients may test for.
        detail: a sentence that is safe to show to the caller.
    """

    code = "domain-error"
    detail = "The request can't be carried out."


class NotFoundError(DomainError):
    """The thing asked for doesn't exist, or is none of the caller's business."""

    code = "not-found"
    detail = "There is no such resource."


class ConflictError(DomainError):
    """The request contradicts the present state."""

    code = "conflict"
    detail = "The request contradicts the present state of the resource."


class InvalidRequestError(DomainError):
    """What was sent is well formed, and makes no sense here."""

    code = "invalid-request"
    detail = "The request makes no sense here."


class PreconditionFailedError(DomainError):
    """The resource has changed since the caller read it."""

    code = "precondition-failed"
    detail = "The resource has changed since you read it. Read it again, then decide."


class UnauthenticatedError(DomainError):
    """Nobody proved who they are. The challenge goes into `WWW-Authenticate` (RFC 6750, section 3)."""

    code = "unauthenticated"
    detail = "Log in first."
    challenge = "Bearer"


class ForbiddenError(DomainError):
    """The caller is known, and may not do this."""

    code = "forbidden"
    detail = "You may not do this."


# % if rate_limit
class TooManyRequestsError(DomainError):
    """The caller asks more often than is allowed."""

    code = "too-many-requests"
    detail = "You have asked too often. Wait before you try again."

    def __init__(self, retry_after_seconds: int) -> None:
        """Say how long to wait."""
        super().__init__(self.detail)
        self.retry_after_seconds = retry_after_seconds


# % endif
# % if database
class DatabaseUnavailableError(DomainError):
    """The database can't be reached at the moment; the same request may work later."""

    code = "database-unavailable"
    detail = "The database is not available at the moment. Try again."


# % endif
