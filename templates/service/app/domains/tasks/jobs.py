# % if jobs
"""What is done for tasks when their time comes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar

from pydantic import TypeAdapter

from app.core.jobs import Job, JobResources
from app.core.keys import Key
from app.core.messages import Email, WebhookCall, deliver_once
from app.domains.tasks.models import Task, TaskStatus
from app.domains.tasks.repository import TaskRepository
from app.domains.tasks.schemas import EmailReminder, Reminder

# A change of any of these may change when, whether or how somebody is reminded.
REMINDER_FIELDS = {"due_at", "reminder", "status"}


class RemindOfTask(Job):
    """Sends the reminder of a task when it is due.

    A task that changes gets another job, and the old one finds out when it runs that it is not up to date: taking it
    back would be a race with a worker who has it already.
    """

    name: ClassVar[str] = "tasks.remind"

    owner_id: Key
    task_id: Key
    due_at: datetime

    async def run(self, resources: JobResources) -> None:
        """Send the reminder that the task has now, if it is still open, and due when this job says."""
        async with resources.sessions.begin() as session:
            task = await TaskRepository(session).find(self.owner_id, self.task_id)
        if task is None or task.status is not TaskStatus.OPEN or task.due_at != self.due_at or task.reminder is None:
            return
        key = f"reminder:{task.id}:{self.due_at.isoformat()}"
        reminder = TypeAdapter[Reminder](Reminder).validate_python(task.reminder)
        if isinstance(reminder, EmailReminder):
            send = partial(resources.emails.send, Email(reminder.to, "A task is due", task.title), key)
        else:
            body = {"task_id": str(task.id), "title": task.title, "due_at": self.due_at.isoformat()}
            send = partial(resources.webhooks.send, WebhookCall(str(reminder.url), body), key)
        await deliver_once(resources.sessions, key, send)


def reminders_of(tasks: Iterable[Task]) -> list[RemindOfTask]:
    """Make the jobs for those of the tasks that somebody is still to be reminded of."""
    now = datetime.now(UTC)
    return [
        RemindOfTask(owner_id=task.owner_id, task_id=task.id, due_at=task.due_at)
        for task in tasks
        if task.status is TaskStatus.OPEN
        and task.reminder is not None
        and task.due_at is not None
        and task.due_at > now
    ]


jobs: list[type[Job]] = [RemindOfTask]
# % endif
