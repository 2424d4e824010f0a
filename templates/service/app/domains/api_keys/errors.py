"""What can go wrong with API keys."""

from app.core.errors import ConflictError, ForbiddenError, NotFoundError, UnauthenticatedError
from app.domains.api_keys.schemas import Scope


class InvalidApiKeyError(UnauthenticatedError):
    """The key was not accepted; whether it is malformed, unknown, revoked or expired is not told."""

    code = "invalid-api-key"
    detail = "The API key is not valid, or no longer."


class InsufficientScopeError(ForbiddenError):
    """The key is good, but not for this."""

    code = "insufficient-scope"

    def __init__(self, scope: Scope) -> None:
        """Say what the key lacks."""
        self.detail = f"The API key lacks the scope {scope}."
        super().__init__(self.detail)


class ApiKeyNotFoundError(NotFoundError):
    """There is no such key, or it is somebody else's; which of the two is not told."""

    code = "api-key-not-found"
    detail = "You have no API key with this id."


class TooManyApiKeysError(ConflictError):
    """The user has as many keys as one may have."""

    code = "too-many-api-keys"
    detail = "You have as many API keys as you may have. Delete one first."
