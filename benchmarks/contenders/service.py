"""The rendered service with its reads exchanged; it is imported from the folder that it was rendered into."""

import uuid
from collections.abc import Sequence

from app.domains.tasks import dependencies
from app.domains.tasks.models import Task
from app.domains.tasks.repository import ORDERS, TaskRepository
from app.domains.tasks.schemas import TaskQuery, TaskRead
from app.main import create_served_app
from fastapi import FastAPI
from sqlalchemy import select


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


def orm() -> FastAPI:
    """Read by the ORM. Not by `dependency_overrides`: with one, FastAPI inspects every dependency at each request."""
    dependencies.TaskRepository = OrmRepository  # type: ignore[misc]
    return create_served_app()
