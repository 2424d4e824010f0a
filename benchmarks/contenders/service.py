"""The rendered service with one thing exchanged at a time; it is imported from the folder that it was rendered into."""

import uuid
from collections.abc import Sequence
from typing import Annotated

from app.core.database import SessionDep
from app.core.direct_reads import DirectRead
from app.core.errors import UnauthenticatedError
from app.core.resources import ResourcesDep
from app.core.transactions import TransactionsDep
from app.domains.auth.dependencies import bearer, get_current_user
from app.domains.tasks.dependencies import get_task_service
from app.domains.tasks.models import Task
from app.domains.tasks.repository import ORDERS, TaskRepository
from app.domains.tasks.schemas import TaskQuery, TaskRead
from app.domains.tasks.service import TaskService
from app.domains.users.models import User
from app.main import create_app
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import bindparam, select


class OrmRepository(TaskRepository):
    """Reads by the ORM what the service reads past it."""

    async def read(self, owner_id: uuid.UUID, task_id: uuid.UUID) -> TaskRead | None:
        """Read a task."""
        task = await self.find(owner_id, task_id)
        return None if task is None else TaskRead.model_validate(task)

    async def page(self, owner_id: uuid.UUID, query: TaskQuery) -> tuple[Sequence[TaskRead], str | None]:
        """Read a page."""
        order = ORDERS[query.sort.removeprefix("-")]
        own = select(Task).where(Task.owner_id == owner_id)
        statement = order.page(own, query.sort, continued=query.cursor is not None)
        tasks = (await self._session.scalars(statement, order.place(query, query.sort))).all()
        items = [TaskRead.model_validate(task) for task in tasks[: query.limit]]
        return items, order.next_cursor(tasks, query, query.sort)


async def get_orm_service(session: SessionDep, transactions: TransactionsDep) -> TaskService:
    """Give the service on that repository."""
    return TaskService(OrmRepository(session), transactions)


class Caller(BaseModel):
    """As much of a user as a route needs that shows other things."""

    id: uuid.UUID
    token_version: int


CALLER = DirectRead(Caller, select(User.id, User.token_version).where(User.id == bindparam("user_id")))


async def get_caller(
    token: Annotated[str | None, Depends(bearer)], resources: ResourcesDep, session: SessionDep
) -> Caller:
    """Recognise the caller past the ORM."""
    claims = resources.tokens.read(token or "")
    caller = await CALLER.first(session, {"user_id": claims.user_id})
    if caller is None or caller.token_version != claims.token_version:
        raise UnauthenticatedError
    return caller


def orm() -> FastAPI:
    """Read by the ORM."""
    app = create_app()
    app.dependency_overrides[get_task_service] = get_orm_service
    return app


def direct_caller() -> FastAPI:
    """Recognise the caller past the ORM too."""
    app = create_app()
    app.dependency_overrides[get_current_user] = get_caller
    return app
