from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Header
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from database import AS_SERVICE, create_schema, engine


class NoteIn(BaseModel):
    body: str = Field(min_length=1, max_length=1000)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_schema()
    yield
    await engine.dispose()


app = FastAPI(title="notes", lifespan=lifespan)


async def get_connection() -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as connection:
        await connection.execute(AS_SERVICE)
        yield connection


Connection = Annotated[AsyncConnection, Depends(get_connection, scope="function")]


Tenant = Annotated[int, Header(alias="X-Tenant", ge=1, le=2**31 - 1)]


async def get_tenant_connection(tenant: Tenant, connection: Connection) -> AsyncConnection:
    await connection.execute(text("SELECT set_config('app.tenant', :tenant, false)"), {"tenant": str(tenant)})
    return connection


TenantConnection = Annotated[AsyncConnection, Depends(get_tenant_connection)]


@app.get("/notes/public")
async def public_notes(connection: Connection) -> list[str]:
    return list(await connection.scalars(text("SELECT body FROM notes ORDER BY id")))


@app.get("/notes")
async def list_notes(connection: TenantConnection) -> list[str]:
    return list(await connection.scalars(text("SELECT body FROM notes ORDER BY id")))


@app.post("/notes", status_code=201)
async def add_note(note: NoteIn, tenant: Tenant, connection: TenantConnection) -> str:
    query = text("INSERT INTO notes (tenant, body) VALUES (:tenant, :body)")
    await connection.execute(query, {"tenant": tenant, "body": note.body})
    return note.body
