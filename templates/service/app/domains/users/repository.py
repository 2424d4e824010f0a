"""Reads and writes users. Flushes, so that the database speaks up; never commits."""

import uuid

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.domains.users.errors import EmailTakenError
from app.domains.users.models import User

UNIQUE_VIOLATION = "23505"


class UserRepository:
    """Users in the transaction of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, user: User) -> None:
        """Insert a user. The unique constraint decides, not a look before: two may register at once.

        Raises:
            EmailTakenError: the address is in use.
        """
        self._session.add(user)
        try:
            await self._session.flush()
        except IntegrityError as error:
            if error.orig is not None and getattr(error.orig, "sqlstate", None) == UNIQUE_VIOLATION:
                raise EmailTakenError from error
            raise

    async def get(self, user_id: uuid.UUID) -> User | None:
        """Find a user by key."""
        return await self._session.get(User, user_id)

    async def find_by_email(self, email: str) -> User | None:
        """Find a user by address, in whatever case it is written."""
        return await self._session.scalar(select(User).where(User.email == email.lower()))

    async def save(self) -> None:
        """Send the changes made to loaded users, and fetch what the database sets itself."""
        await self._session.flush()
