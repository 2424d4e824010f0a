"""How a route gets at tasks."""

from typing import Annotated

from fastapi import Depends

from app.core.database import SessionDep
from app.core.jobs import JobQueue
from app.core.transactions import Transactions
from app.domains.tasks.repository import TaskRepository
from app.domains.tasks.service import TaskService


async def get_task_service(session: SessionDep) -> TaskService:
    """Give the service on the request's transaction."""
    # = return TaskService(TaskRepository(session), Transactions(session){{ ", JobQueue(session)" if jobs else "" }})
    return TaskService(TaskRepository(session), Transactions(session), JobQueue(session))


TaskServiceDep = Annotated[TaskService, Depends(get_task_service)]
