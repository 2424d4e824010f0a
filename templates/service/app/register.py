"""`python -m app.register < user.json` makes a user, whether or not the service lets people register themselves."""

import argparse
import sys

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.commands import in_transaction
from app.core.errors import DomainError
from app.core.jobs import JobQueue
from app.core.passwords import PasswordHasher
from app.domains.users.repository import UserRepository
from app.domains.users.schemas import UserCreate
from app.domains.users.service import UserService

DESCRIPTION = "Make a user of the JSON on standard input: the fields of a registration, password included."


def main() -> int:
    """Register the user that standard input describes, in the database that the service uses."""
    argparse.ArgumentParser(prog="python -m app.register", description=DESCRIPTION).parse_args()
    try:
        registration = UserCreate.model_validate_json(sys.stdin.buffer.read())
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            print(f"{'.'.join(map(str, fault['loc'])) or 'standard input'}: {fault['msg']}", file=sys.stderr)
        return 2

    async def register(session: AsyncSession) -> str:
        # = users = UserService(UserRepository(session), PasswordHasher(){{ ", JobQueue(session)" if welcome else "" }})
        users = UserService(UserRepository(session), PasswordHasher(), JobQueue(session))
        user = await users.register(registration)
        # = return user.{{ login }}
        return user.email

    try:
        login = in_transaction(register)
    except DomainError as error:
        print(error.detail, file=sys.stderr)
        return 1
    print(f"{login} is registered.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
