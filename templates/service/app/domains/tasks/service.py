"""What can be done with tasks."""

from collections.abc import Sequence

from app.core.conditional import IfMatch
from app.core.jobs import JobQueue
from app.core.keys import Key
from app.core.transactions import Transactions
from app.domains.tasks.errors import TaskNotFoundError
from app.domains.tasks.jobs import REMINDER_FIELDS, reminders_of
from app.domains.tasks.models import Task
from app.domains.tasks.repository import TaskRepository
from app.domains.tasks.schemas import TaskCreate, TaskQuery, TaskRead, TaskUpdate


class TaskService:
    """Keeps the tasks of each user, and from every other."""

    # % set queue = ", jobs: JobQueue" if jobs else ""
    # = def __init__(self, tasks: TaskRepository, transactions: Transactions{{ queue }}) -> None:
    def __init__(self, tasks: TaskRepository, transactions: Transactions, jobs: JobQueue) -> None:
        self._tasks = tasks
        self._transactions = transactions
        # % if jobs
        self._jobs = jobs
        # % endif

    async def create(self, owner_id: Key, wanted: Sequence[TaskCreate]) -> list[Task]:
        """Create tasks, all or none."""
        tasks = [Task(owner_id=owner_id, **_columns(task)) for task in wanted]
        await self._tasks.add(tasks)
        # % if jobs
        await self._jobs.enqueue(reminders_of(tasks))
        # % endif
        return tasks

    async def read(self, owner_id: Key, task_id: Key) -> TaskRead:
        """Read a task.

        Raises:
            TaskNotFoundError: there is none, or it is somebody else's.
        """
        task = await self._tasks.read(owner_id, task_id)
        if task is None:
            raise TaskNotFoundError
        return task

    async def page(self, owner_id: Key, query: TaskQuery) -> tuple[Sequence[TaskRead], str | None]:
        """Read a page of the owner's tasks, and the cursor of the next one."""
        return await self._tasks.page(owner_id, query)

    async def update(self, owner_id: Key, task_id: Key, changes: TaskUpdate, if_match: IfMatch) -> Task:
        """Change what was sent, based on the version that the caller has read, if the caller has said which.

        Raises:
            TaskNotFoundError: there is none, or it is somebody else's.
            PreconditionFailedError: it has changed since.
        """

        async def change() -> Task:
            task = await self._find(owner_id, task_id)
            if_match.require(task.version)
            for column, value in _columns(changes).items():
                setattr(task, column, value)
            await self._tasks.save()
            # % if jobs
            if REMINDER_FIELDS & changes.model_fields_set:
                await self._jobs.enqueue(reminders_of([task]))
            # % endif
            return task

        # Who named no version meant the newest: a change that another one overtook is made again on top of it.
        return await self._transactions.retry(change, "REPEATABLE READ")

    async def delete(self, owner_id: Key, task_id: Key, if_match: IfMatch) -> None:
        """Delete a task, based on the version that the caller has read.

        Raises:
            TaskNotFoundError: there is none, or it is somebody else's.
            PreconditionFailedError: it has changed since.
        """

        async def remove() -> None:
            task = await self._find(owner_id, task_id)
            if_match.require(task.version)
            await self._tasks.delete(task)

        await self._transactions.retry(remove, "REPEATABLE READ")

    async def _find(self, owner_id: Key, task_id: Key) -> Task:
        task = await self._tasks.find(owner_id, task_id)
        if task is None:
            raise TaskNotFoundError
        return task


def _columns(sent: TaskCreate | TaskUpdate) -> dict[str, object]:
    columns = sent.model_dump()
    if columns.get("reminder") is not None:
        columns["reminder"] = sent.model_dump(mode="json", include={"reminder"})["reminder"]  # JSONB holds no HttpUrl
    return columns
