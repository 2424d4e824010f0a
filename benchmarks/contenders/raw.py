"""The limit: Starlette and asyncpg by hand, with the statements of the service and no layer between."""

import json
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

COLUMNS = "id, title, notes, status, priority, due_at, reminder, version, created_at, updated_at"
USER = "SELECT token_version FROM users WHERE id = $1"
GET = f"SELECT {COLUMNS} FROM tasks WHERE id = $1 AND owner_id = $2"  # noqa: S608
LIST = f"SELECT {COLUMNS} FROM tasks WHERE owner_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2"  # noqa: S608
CREATE = (
    "INSERT INTO tasks (owner_id, title, notes, priority, version) VALUES ($1, $2, $3, $4, 1)"  # noqa: S608
    f" RETURNING {COLUMNS}"
)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Open the pool, without the statement by which asyncpg cleans a session that nothing here makes dirty."""

    async def nothing(_connection: object) -> None: ...

    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=5, max_size=15, reset=nothing) as pool:
        app.state.pool = pool
        yield


async def caller(connection: Any, request: Request) -> uuid.UUID:  # noqa: ANN401 - asyncpg has no types
    """Recognise the caller as the service does: a signed token of a user who is still there."""
    token = request.headers["authorization"].removeprefix("Bearer ")
    name = os.environ["APP_NAME"]
    claims = jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"], issuer=name, audience=name)
    user_id = uuid.UUID(claims["sub"])
    assert await connection.fetchval(USER, user_id) == claims["token_version"]  # noqa: S101
    return user_id


def text_of(value: object) -> str:
    """Write what JSON has no type for."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def answer(content: object, status: int = 200) -> Response:
    """Write the content as JSON."""
    return Response(json.dumps(content, default=text_of), status, media_type="application/json")


async def get_task(request: Request) -> Response:
    """Read one."""
    async with request.app.state.pool.acquire() as connection:
        user_id = await caller(connection, request)
        return answer(dict(await connection.fetchrow(GET, request.path_params["id"], user_id)))


async def list_tasks(request: Request) -> Response:
    """Read a page."""
    limit = int(request.query_params["limit"])
    async with request.app.state.pool.acquire() as connection:
        rows = await connection.fetch(LIST, await caller(connection, request), limit + 1)
    return answer({"items": [dict(row) for row in rows[:limit]], "next_cursor": str(rows[limit - 1]["id"])})


async def create_task(request: Request) -> Response:
    """Create one, in the transaction that also recognises the caller."""
    sent = json.loads(await request.body())
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        user_id = await caller(connection, request)
        row = await connection.fetchrow(CREATE, user_id, sent["title"], sent["notes"], sent["priority"])
    return answer(dict(row), 201)


app = Starlette(
    routes=[
        Route("/tasks/{id:uuid}", get_task),
        Route("/tasks", list_tasks),
        Route("/tasks", create_task, methods=["POST"]),
    ],
    lifespan=lifespan,
)
