"""The style of FastAPI's own full-stack template: `def` routes in the thread pool, each with a SQLModel session."""

import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import Column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Session, SQLModel, col, create_engine, select

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
app = FastAPI()


class User(SQLModel, table=True):
    """A user."""

    __tablename__ = "users"
    id: uuid.UUID = Field(primary_key=True)
    email: str
    token_version: int


class TaskBase(SQLModel):
    """What a client sends of a task."""

    title: str = Field(min_length=1, max_length=200)
    notes: str | None = Field(default=None, max_length=10_000)
    priority: int = Field(default=3, ge=1, le=5)


class Task(TaskBase, table=True):
    """A task."""

    __tablename__ = "tasks"
    id: uuid.UUID | None = Field(default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})
    owner_id: uuid.UUID = Field(foreign_key="users.id")
    status: str = "open"
    due_at: datetime | None = None
    reminder: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    version: int = 1
    created_at: datetime | None = Field(default=None, sa_column_kwargs={"server_default": text("now()")})
    updated_at: datetime | None = Field(default=None, sa_column_kwargs={"server_default": text("now()")})


class TaskPublic(TaskBase):
    """What a client gets of a task."""

    id: uuid.UUID
    status: str
    due_at: datetime | None
    reminder: dict[str, Any] | None
    version: int
    created_at: datetime
    updated_at: datetime


class TasksPublic(SQLModel):
    """A page."""

    items: list[TaskPublic]
    next_cursor: str | None


def get_session() -> Iterator[Session]:
    """Open a session for the request."""
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
Token = Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="auth/token"))]


def get_current_user(session: SessionDep, token: Token) -> User:
    """Recognise the caller."""
    name = os.environ["APP_NAME"]
    claims = jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"], issuer=name, audience=name)
    user = session.get(User, uuid.UUID(claims["sub"]))
    if user is None or user.token_version != claims["token_version"]:
        raise HTTPException(401)
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


@app.get("/tasks/{task_id}", response_model=TaskPublic)
def read_task(session: SessionDep, user: CurrentUser, task_id: uuid.UUID) -> Any:  # noqa: ANN401 - as in that template
    """Read one."""
    task = session.get(Task, task_id)
    if task is None or task.owner_id != user.id:
        raise HTTPException(404)
    return task


@app.get("/tasks", response_model=TasksPublic)
def read_tasks(session: SessionDep, user: CurrentUser, limit: int = 20) -> Any:  # noqa: ANN401
    """Read a page."""
    order = (col(Task.created_at).desc(), col(Task.id).desc())
    tasks = session.exec(select(Task).where(Task.owner_id == user.id).order_by(*order).limit(limit + 1)).all()
    return {"items": tasks[:limit], "next_cursor": str(tasks[limit - 1].id)}


@app.post("/tasks", response_model=TaskPublic, status_code=201)
def create_task(session: SessionDep, user: CurrentUser, sent: TaskBase) -> Any:  # noqa: ANN401
    """Create one."""
    task = Task.model_validate(sent, update={"owner_id": user.id})
    session.add(task)
    session.commit()
    session.refresh(task)
    return task
