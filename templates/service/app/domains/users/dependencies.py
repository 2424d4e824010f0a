"""How a route gets at users."""

from typing import Annotated

from fastapi import Depends

from app.core.database import SessionDep
from app.core.jobs import JobQueueDep
from app.core.resources import ResourcesDep
from app.domains.users.repository import UserRepository
from app.domains.users.service import UserService


async def get_user_repository(session: SessionDep) -> UserRepository:
    """Give the repository of the request's transaction."""
    return UserRepository(session)


UserRepositoryDep = Annotated[UserRepository, Depends(get_user_repository)]


# % set queue = ", jobs: JobQueueDep" if welcome else ""
# = async def get_user_service(users: UserRepositoryDep, resources: ResourcesDep{{ queue }}) -> UserService:
async def get_user_service(users: UserRepositoryDep, resources: ResourcesDep, jobs: JobQueueDep) -> UserService:
    """Give the service on the request's transaction."""
    # = return UserService(users, resources.passwords{{ ", jobs" if welcome else "" }})
    return UserService(users, resources.passwords, jobs)


UserServiceDep = Annotated[UserService, Depends(get_user_service)]
