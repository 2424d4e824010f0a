"""How a route gets at tasks."""

from typing import Annotated

from fastapi import Depends

from app.core.database import SessionDep
from app.core.jobs import JobQueueDep
from app.domains.tasks.repository import TaskRepository
from app.domains.tasks.service import TaskService


# = def get_task_service(session: SessionDep{{ ", jobs: JobQueueDep" if jobs else "" }}) -> TaskService:
def get_task_service(session: SessionDep, jobs: JobQueueDep) -> TaskService:
    """Give the service on the request's transaction."""
    # = return TaskService(TaskRepository(session){{ ", jobs" if jobs else "" }})
    return TaskService(TaskRepository(session), jobs)


TaskServiceDep = Annotated[TaskService, Depends(get_task_service)]
