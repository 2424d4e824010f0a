"""What can be done with users."""

from collections.abc import Sequence

from app.core.jobs import JobQueue
from app.core.passwords import PasswordHasher
from app.domains.users.errors import WrongPasswordError
from app.domains.users.jobs import WelcomeUser
from app.domains.users.models import User
from app.domains.users.repository import UserRepository
from app.domains.users.schemas import AccountDeletion, PasswordChange, UserCreate, UserQuery, UserUpdate


class UserService:
    """Registers users and changes their profiles."""

    # % set queue = ", jobs: JobQueue" if welcome else ""
    # = def __init__(self, users: UserRepository, passwords: PasswordHasher{{ queue }}) -> None:
    def __init__(self, users: UserRepository, passwords: PasswordHasher, jobs: JobQueue) -> None:
        self._users = users
        self._passwords = passwords
        # % if welcome
        self._jobs = jobs
        # % endif

    async def register(self, registration: UserCreate) -> User:
        """Create an account.

        Raises:
            ConflictError: somebody has a value already that is unique.
        """
        fields = registration.model_dump(exclude={"password"})
        # Hashed before the first statement: no connection is held meanwhile.
        user = User(**fields, password_hash=await self._passwords.hash(registration.password))
        await self._users.add(user)
        # % if welcome
        await self._jobs.enqueue([WelcomeUser(user_id=user.id)])
        # % endif
        return user

    # % if profile_update
    async def update(self, user: User, changes: UserUpdate) -> User:
        """Change the fields that were sent, and no others.

        Raises:
            ConflictError: somebody has a value already that is unique.
        """
        for field, value in changes.model_dump().items():  # a MISSING field is not dumped
            setattr(user, field, value)
        await self._users.save()
        return user

    # % endif
    # % if password_change
    async def change_password(self, user: User, change: PasswordChange) -> None:
        """Replace the password, which logs the user out everywhere.

        Raises:
            WrongPasswordError: the current password is not what was sent, or not any more: another change was faster.
        """
        if not await self._passwords.verify(change.current_password, user.password_hash):
            raise WrongPasswordError
        if not await self._users.replace_password(user, await self._passwords.hash(change.new_password)):
            raise WrongPasswordError

    # % endif
    # % if account_deletion
    async def delete(self, user: User, deletion: AccountDeletion) -> None:
        """Delete the account. Every token and key of it is void, and everything that belongs to it is gone.

        Raises:
            WrongPasswordError: the password is not what was sent, or not any more.
        """
        if not await self._passwords.verify(deletion.password, user.password_hash):
            raise WrongPasswordError
        if not await self._users.delete(user):
            raise WrongPasswordError

    # % endif
    # % if roles
    async def page(self, query: UserQuery) -> tuple[Sequence[User], int]:
        """List a page of all users, and count them."""
        return await self._users.page(query)

    # % endif
