"""`python -m app.promote EMAIL` makes a registered user an admin. No request can: this is how the first one comes."""

import argparse
import asyncio
import sys
from contextlib import nullcontext

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.core.database import build_engine
from app.core.errors import DatabaseUnavailableError
from app.core.local_postgres import local_postgres
from app.core.migrations import upgrade_database
from app.core.schemas import Email
from app.domains.users.models import Role
from app.domains.users.repository import UserRepository
from app.settings import Settings


def email_address(text: str) -> str:
    """Read an argument.

    Raises:
        ValueError: it is no e-mail address.
    """
    return TypeAdapter[str](Email).validate_python(text)


async def promote(email: str, database_url: str, settings: Settings) -> bool:
    """Make the user with this address an admin, and tell whether there is one.

    Raises:
        DatabaseUnavailableError: the database can't be reached.
    """
    engine = build_engine(database_url, settings)
    try:
        async with async_sessionmaker(engine).begin() as session:
            user = await UserRepository(session).find_by_email(email)
            if user is not None:
                user.role = Role.ADMIN
    finally:
        await engine.dispose()
    return user is not None


def main() -> int:
    """Promote the user that the command names, in the database that the service uses."""
    parser = argparse.ArgumentParser(prog="python -m app.promote", description="Make a registered user an admin.")
    parser.add_argument("email", type=email_address)
    email = parser.parse_args().email
    settings = Settings()
    given = settings.database_url.get_secret_value() if settings.database_url else None
    with nullcontext(given) if given else local_postgres(settings.data_directory) as database_url:
        if given is None:
            upgrade_database(database_url)  # as the service does when it starts
        try:
            found = asyncio.run(promote(email, database_url, settings))
        except DatabaseUnavailableError as error:
            print(error.detail, file=sys.stderr)
            return 1
    if not found:
        print(f"Nobody has registered with {email}.", file=sys.stderr)
        return 1
    print(f"{email} is an admin now.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
