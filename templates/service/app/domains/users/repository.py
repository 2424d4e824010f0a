"""Reads and writes users. Flushes, so that the database speaks up; never commits."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import violates
from app.core.pagination import KeysetOrder
from app.domains.users.errors import EmailTakenError
from app.domains.users.models import User
from app.domains.users.schemas import UserQuery

# % if roles
BY_CREATION = KeysetOrder[User](User.created_at, User.id)
# % endif


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
            if violates(error, "uq_users_email"):
                raise EmailTakenError from error
            raise

    async def get(self, user_id: uuid.UUID) -> User | None:
        """Find a user by key."""
        return await self._session.get(User, user_id)

    async def find_by_email(self, email: str) -> User | None:
        """Find a user by address, in whatever case it is written."""
        return await self._session.scalar(select(User).where(User.email == email.lower()))

    # % if roles
    async def page(self, query: UserQuery) -> tuple[Sequence[User], str | None]:
        """List a page, and the cursor of the next one.

        Raises:
            InvalidCursorError: the cursor is of another listing.
        """
        users = (await self._session.scalars(BY_CREATION.page(select(User), query, query.sort))).all()
        return users[: query.limit], BY_CREATION.next_cursor(users, query, query.sort)

    # % endif
    # % if password_change
    async def replace_password(self, user: User, password_hash: str) -> bool:
        """Replace the password that was read, and void every token; tell whether it was still the present one."""
        statement = (
            update(User)
            .where(User.id == user.id, User.password_hash == user.password_hash)
            .values(password_hash=password_hash, token_version=User.token_version + 1)
            .returning(User.id)
        )
        return await self._session.scalar(statement) is not None

    # % endif
    async def save(self) -> None:
        """Send the changes made to loaded users, and fetch what the database sets itself."""
        await self._session.flush()
