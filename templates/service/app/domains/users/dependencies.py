"""How a route gets at users."""

from typing import Annotated

from fastapi import Depends

from app.core.database import SessionDep
from app.core.jobs import JobQueue
from app.core.resources import ResourcesDep
from app.domains.users.repository import UserRepository
from app.domains.users.service import UserService


async def get_user_service(session: SessionDep, resources: ResourcesDep) -> UserService:
    """Give the service on the request's transaction."""
    # = return UserService(UserRepository(session), resources.passwords{{ ", JobQueue(session)" if welcome else "" }})
    return UserService(UserRepository(session), resources.passwords, JobQueue(session))


UserServiceDep = Annotated[UserService, Depends(get_user_service)]
