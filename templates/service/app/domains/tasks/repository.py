"""Reads and writes the tasks of one owner at a time: there is no way to ask for anybody's."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from app.core.direct_reads import DirectRead, select_for
from app.core.errors import PreconditionFailedError
from app.core.keys import Key
from app.core.pagination import KeysetOrder
from app.domains.tasks.models import Task
from app.domains.tasks.schemas import TaskFilter, TaskQuery, TaskRead

ORDERS = {
    "created_at": KeysetOrder[Task](Task.created_at, Task.id),
    "priority": KeysetOrder[Task](Task.priority, Task.id),
}
OWN = Task.owner_id == bindparam("owner_id")
OWN_BY_ID = (Task.id == bindparam("task_id"), OWN)
FILTERS = {
    "status": Task.status == bindparam("status"),
    "min_priority": Task.priority >= bindparam("min_priority"),
    "due_before": Task.due_at < bindparam("due_before"),
}
TASK = DirectRead(TaskRead, select_for(TaskRead, Task).where(*OWN_BY_ID))


@cache
def listing(sort: str, filters: frozenset[str], *, continued: bool) -> DirectRead[TaskRead]:
    """Make the statement of a listing; each combination is made once."""
    matching = select_for(TaskRead, Task).where(OWN, *(FILTERS[name] for name in sorted(filters)))
    return DirectRead(TaskRead, ORDERS[sort.removeprefix("-")].page(matching, sort, continued=continued))


class TaskRepository:
    """Tasks in the transaction of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, tasks: Sequence[Task]) -> None:
        """Insert tasks."""
        self._session.add_all(tasks)
        await self._session.flush()

    async def read(self, owner_id: Key, task_id: Key) -> TaskRead | None:
        """Read a task as it is shown, if it is the owner's."""
        return await TASK.first(self._session, {"task_id": task_id, "owner_id": owner_id})

    async def find(self, owner_id: Key, task_id: Key) -> Task | None:
        """Load a task to change it, if it is the owner's."""
        return await self._session.scalar(select(Task).where(*OWN_BY_ID), {"task_id": task_id, "owner_id": owner_id})

    async def page(self, owner_id: Key, query: TaskQuery) -> tuple[Sequence[TaskRead], str | None]:
        """Read a page as it is shown, and the cursor of the next one.

        Raises:
            InvalidCursorError: the cursor is of another listing.
        """
        order = ORDERS[query.sort.removeprefix("-")]
        wanted = query.model_dump(include=set(TaskFilter.model_fields), exclude_none=True)
        values = {"owner_id": owner_id} | wanted | order.place(query, query.sort)
        statement = listing(query.sort, frozenset(wanted), continued=query.cursor is not None)
        tasks = await statement.all(self._session, values)
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
