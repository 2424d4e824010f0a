"""Reads and writes the tasks of one owner at a time: there is no way to ask for anybody's."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from app.core.errors import PreconditionFailedError
from app.core.keys import Key
from app.core.pagination import KeysetOrder
from app.domains.tasks.models import Task
from app.domains.tasks.schemas import TaskFilter, TaskQuery

ORDERS = {
    "created_at": KeysetOrder[Task](Task.created_at, Task.id),
    "priority": KeysetOrder[Task](Task.priority, Task.id),
}


class TaskRepository:
    """Tasks in the transaction of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, tasks: Sequence[Task]) -> None:
        """Insert tasks."""
        self._session.add_all(tasks)
        await self._session.flush()

    async def find(self, owner_id: Key, task_id: Key) -> Task | None:
        """Find a task, if it is the owner's."""
        return await self._session.scalar(select(Task).where(Task.id == task_id, Task.owner_id == owner_id))

    async def page(self, owner_id: Key, query: TaskQuery) -> tuple[Sequence[Task], str | None]:
        """List a page, and the cursor of the next one.

        Raises:
            InvalidCursorError: the cursor is of another listing.
        """
        order = ORDERS[query.sort.removeprefix("-")]
        tasks = (await self._session.scalars(order.page(self._matching(owner_id, query), query, query.sort))).all()
        return tasks[: query.limit], order.next_cursor(tasks, query, query.sort)

    async def save(self) -> None:
        """Send the changes made to loaded tasks.

        Raises:
            PreconditionFailedError: one was changed by somebody else in the meantime.
        """
        try:
            await self._session.flush()
        except StaleDataError as error:
            raise PreconditionFailedError from error

    async def delete(self, task: Task) -> None:
        """Delete a task.

        Raises:
            PreconditionFailedError: it was changed by somebody else in the meantime.
        """
        await self._session.delete(task)
        await self.save()

    @staticmethod
    def _matching(owner_id: Key, wanted: TaskFilter) -> Select[Task]:
        statement = select(Task).where(Task.owner_id == owner_id)
        if wanted.status is not None:
            statement = statement.where(Task.status == wanted.status)
        if wanted.min_priority is not None:
            statement = statement.where(Task.priority >= wanted.min_priority)
        if wanted.due_before is not None:
            statement = statement.where(Task.due_at < wanted.due_before)
        return statement
