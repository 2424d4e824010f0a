# = """`python -m app.promote {{ login | upper }}` makes a user an admin. No request can, so the first is made here."""
"""`python -m app.promote EMAIL` makes a user an admin. No request can, so the first is made here."""

import argparse
import sys

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.commands import in_transaction
from app.core.errors import DatabaseUnavailableError
from app.core.schemas import Email

# % if login == "username"
# + from app.core.schemas import Username
# % endif
from app.domains.users.models import Role
from app.domains.users.repository import UserRepository


def login_name(text: str) -> str:
    """Read an argument.

    Raises:
        ValueError: nobody can have this name.
    """
    # = return TypeAdapter[str]({{ login_type }}).validate_python(text)
    return TypeAdapter[str](Email).validate_python(text)


def main() -> int:
    """Promote the user that the command names, in the database that the service uses."""
    parser = argparse.ArgumentParser(prog="python -m app.promote", description="Make a user an admin.")
    # = parser.add_argument("{{ login }}", type=login_name)
    parser.add_argument("email", type=login_name)
    # = login: str = parser.parse_args().{{ login }}
    login: str = parser.parse_args().email

    async def promote(session: AsyncSession) -> bool:
        user = await UserRepository(session).find_by_login(login)
        if user is not None:
            user.role = Role.ADMIN
        return user is not None

    try:
        found = in_transaction(promote)
    except DatabaseUnavailableError as error:
        print(error.detail, file=sys.stderr)
        return 1
    if not found:
        print(f"There is no user {login}.", file=sys.stderr)
        return 1
    print(f"{login} is an admin now.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
