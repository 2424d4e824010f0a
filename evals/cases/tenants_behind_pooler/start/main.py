from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
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


@app.get("/notes/public")
async def public_notes(connection: Connection) -> list[str]:
    return list(await connection.scalars(text("SELECT body FROM notes ORDER BY id")))


@app.get("/notes")
async def list_notes(connection: Connection) -> list[str]:
    return list(await connection.scalars(text("SELECT body FROM notes ORDER BY id")))


@app.post("/notes", status_code=201)
async def add_note(note: NoteIn, connection: Connection) -> str:
    await connection.execute(text("INSERT INTO notes (tenant, body) VALUES (1, :body)"), {"body": note.body})
    return note.body
