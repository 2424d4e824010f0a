"""Reads and writes users. Flushes, so that the database speaks up; never commits."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import violates
from app.core.direct_reads import DirectRead, select_for
from app.core.errors import ConflictError
from app.core.keys import Key

# % for field in fields if field.unique
# + from app.domains.users.errors import {{ field.pascal }}TakenError
# % endfor
from app.domains.users.errors import LoginTakenError
from app.domains.users.models import User
from app.domains.users.schemas import Caller, UserQuery

CALLER = DirectRead(Caller, select_for(Caller, User).where(User.id == bindparam("user_id")))
TAKEN: dict[str, type[ConflictError]] = {
    # = "uq_users_{{ login }}": LoginTakenError,
    "uq_users_email": LoginTakenError,
    # % for field in fields if field.unique
    # + "uq_users_{{ field.name }}": {{ field.pascal }}TakenError,
    # % endfor
}


class UserRepository:
    """Users in the transaction of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, user: User) -> None:
        """Insert a user. The unique constraint decides, not a look before: two may register at once.

        Raises:
            ConflictError: somebody has a value already that is unique.
        """
        self._session.add(user)
        await self.save()

    async def get(self, user_id: Key) -> User | None:
        """Load a user by key."""
        return await self._session.get(User, user_id)

    async def caller(self, user_id: Key) -> Caller | None:
        """Read by key who is calling: every request does."""
        return await CALLER.first(self._session, {"user_id": user_id})

    async def find_by_login(self, login: str) -> User | None:
        # = """Find a user by {{ login_words }}, in whatever case it is written."""
        """Find a user by e-mail address, in whatever case it is written."""
        # = return await self._session.scalar(select(User).where(User.{{ login }} == login.lower()))
        return await self._session.scalar(select(User).where(User.email == login.lower()))

    # % if roles
    async def page(self, query: UserQuery) -> tuple[Sequence[User], int]:
        """List a page, and count all users."""
        columns = (User.created_at, User.id)
        order = [column.desc() if query.sort.startswith("-") else column.asc() for column in columns]
        statement = select(User).order_by(*order).limit(query.limit).offset(query.offset)
        users = (await self._session.scalars(statement)).all()
        return users, await self._session.scalar(select(func.count()).select_from(User)) or 0

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
    # % if account_deletion
    async def delete(self, user: User) -> bool:
        """Delete a user and all of theirs; tell whether the password that was read was still the present one."""
        statement = delete(User).where(User.id == user.id, User.password_hash == user.password_hash).returning(User.id)
        return await self._session.scalar(statement) is not None

    # % endif
    async def save(self) -> None:
        """Send the changes made to users, and fetch what the database sets itself.

        Raises:
            ConflictError: somebody has a value already that is unique.
        """
        try:
            await self._session.flush()
        except IntegrityError as error:
            for constraint, taken in TAKEN.items():
                if violates(error, constraint):
                    raise taken from error
            raise
