"""What clients send and get of tasks."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import MISSING, Field, HttpUrl

from app.core.keys import Key
from app.core.pagination import PageQuery
from app.core.schemas import Email, Instant, RequestModel, ResponseModel, Text
from app.domains.tasks.models import TaskStatus

Title = Annotated[Text, Field(min_length=1, max_length=200, examples=["Write the letter"])]
Notes = Annotated[Text, Field(max_length=10_000, examples=["To the landlord"])]
Priority = Annotated[int, Field(ge=1, le=5, strict=True, examples=[3])]
TaskSort = Literal["created_at", "-created_at", "priority", "-priority"]


class EmailReminder(RequestModel):
    """A reminder by e-mail."""

    kind: Literal["email"]
    to: Email


class WebhookReminder(RequestModel):
    """A reminder by a call to a URL."""

    kind: Literal["webhook"]
    url: Annotated[HttpUrl, Field(max_length=500)]


Reminder = Annotated[EmailReminder | WebhookReminder, Field(discriminator="kind")]


class TaskCreate(RequestModel):
    """A new task."""

    title: Title
    notes: Notes | None = None
    priority: Priority = 3
    due_at: Instant | None = None
    reminder: Reminder | None = None


class TaskBatch(RequestModel):
    """Several new tasks, all or none."""

    tasks: Annotated[list[TaskCreate], Field(min_length=1, max_length=100)]


class TaskUpdate(RequestModel):
    """A change of a task. What is missing stays as it is."""

    title: Title | MISSING = MISSING
    notes: Notes | MISSING | None = MISSING
    status: TaskStatus | MISSING = MISSING
    priority: Priority | MISSING = MISSING
    due_at: Instant | MISSING | None = MISSING
    reminder: Reminder | MISSING | None = MISSING


class TaskFilter(RequestModel):
    """Which tasks to list; everything that is given must hold."""

    status: TaskStatus | None = None
    min_priority: Annotated[int, Field(ge=1, le=5)] | None = None
    due_before: Instant | None = None


class TaskQuery(TaskFilter, PageQuery):
    """A listing page by page."""

    sort: TaskSort = "-created_at"


class TaskRead(ResponseModel):
    """A task."""

    id: Key
    title: str = Field(examples=["Write the letter"])
    notes: str | None
    status: TaskStatus
    priority: int = Field(examples=[3])
    due_at: datetime | None
    reminder: Reminder | None
    version: int = Field(examples=[1])
    created_at: datetime
    updated_at: datetime
