"""Secrets that this service makes up itself, and of which it stores only the SHA-256.

Argon2 protects what people think up. Nobody guesses 256 random bits, and their digest can be looked up.
"""

import hashlib
import secrets


def new_secret() -> str:
    """Make a secret of 256 random bits, written in 43 letters, digits, hyphens and underscores."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Give what is stored of a secret: 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()
