"""The table of tasks."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, SmallInteger, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.core.keys import Key, PrimaryKey


class TaskStatus(StrEnum):
    """How far a task is."""

    OPEN = "open"
    DONE = "done"


class Task(Base):
    """Something that a user means to do. `version` counts its changes, so that none is lost unseen."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("priority BETWEEN 1 AND 5", name="priority_range"),
        Index("ix_tasks_owner_id_created_at_id", "owner_id", "created_at", "id"),
        Index("ix_tasks_owner_id_priority_id", "owner_id", "priority", "id"),
    )

    id: Mapped[PrimaryKey]
    owner_id: Mapped[Key] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    notes: Mapped[str | None] = mapped_column(String(10_000))
    # Text with a CHECK rather than PostgreSQL's enum type, which no migration can take a value away from.
    status: Mapped[TaskStatus] = mapped_column(
        Enum(
            TaskStatus,
            native_enum=False,
            create_constraint=True,
            length=20,
            name="status_known",
            values_callable=lambda statuses: [status.value for status in statuses],
        ),
        server_default=TaskStatus.OPEN,
    )
    priority: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime | None]
    reminder: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    __mapper_args__ = {"version_id_col": version, "eager_defaults": True}  # noqa: RUF012
