"""What can be done with users."""

from app.core.passwords import PasswordHasher
from app.domains.users.models import User
from app.domains.users.repository import UserRepository
from app.domains.users.schemas import UserCreate, UserUpdate


class UserService:
    """Registers users and changes their profiles."""

    def __init__(self, users: UserRepository, passwords: PasswordHasher) -> None:
        self._users = users
        self._passwords = passwords

    async def register(self, registration: UserCreate) -> User:
        """Create an account.

        Raises:
            EmailTakenError: the address is in use.
        """
        fields = registration.model_dump(exclude={"password"})
        # Hashed before the first statement: no connection is held meanwhile.
        user = User(**fields, password_hash=await self._passwords.hash(registration.password))
        await self._users.add(user)
        return user

    async def update(self, user: User, changes: UserUpdate) -> User:
        """Change the fields that were sent, and no others."""
        for field, value in changes.model_dump().items():  # a MISSING field is not dumped
            setattr(user, field, value)
        await self._users.save()
        return user
