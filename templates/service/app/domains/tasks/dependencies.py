"""How a route gets at tasks."""

from typing import Annotated

from fastapi import Depends

from app.core.database import SessionDep
from app.core.jobs import JobQueueDep
from app.core.transactions import TransactionsDep
from app.domains.tasks.repository import TaskRepository
from app.domains.tasks.service import TaskService


# % set queue = ", jobs: JobQueueDep" if jobs else ""
# = async def get_task_service(session: SessionDep, transactions: TransactionsDep{{ queue }}) -> TaskService:
async def get_task_service(session: SessionDep, transactions: TransactionsDep, jobs: JobQueueDep) -> TaskService:
    """Give the service on the request's transaction."""
    # = return TaskService(TaskRepository(session), transactions{{ ", jobs" if jobs else "" }})
    return TaskService(TaskRepository(session), transactions, jobs)


TaskServiceDep = Annotated[TaskService, Depends(get_task_service)]
