"""Notes, in one file: tables as SQL, users by key, errors as {"error": {"code", "message"}}."""

import os
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Body, Depends, FastAPI, Header, Path
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(os.environ["DATABASE_URL"])
USERS = {"key-of-ada": "ada", "key-of-eve": "eve"}


class Fault(Exception):
    def __init__(self, status, code, message):
        self.status, self.code, self.message = status, code, message


@asynccontextmanager
async def lifespan(app):
    async with engine.begin() as db:
        await db.execute(text("CREATE TABLE IF NOT EXISTS notes (number serial PRIMARY KEY, owner text, text text)"))
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.exception_handler(Fault)
async def show_fault(request, fault):
    return JSONResponse({"error": {"code": fault.code, "message": fault.message}}, fault.status)


@app.exception_handler(RequestValidationError)
async def show_validation_error(request, error):
    where = ".".join(str(part) for part in error.errors()[0]["loc"])
    return JSONResponse({"error": {"code": "invalid", "message": f"{where} is not valid"}}, 422)


def user(x_key: Annotated[str | None, Header()] = None):
    if x_key not in USERS:
        raise Fault(401, "who-are-you", "Send your key in X-Key.")
    return USERS[x_key]


def storable(value):
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("PostgreSQL can't store this")
    return value


Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
NoteText = Annotated[str, AfterValidator(storable), Body(embed=True, alias="text", min_length=1, max_length=500)]


def shown(note):
    return {"number": note.number, "owner": note.owner, "text": note.text}


@app.post("/notes", status_code=201)
async def add(owner: Annotated[str, Depends(user)], text_: NoteText):
    async with engine.begin() as db:
        query = text("INSERT INTO notes (owner, text) VALUES (:owner, :text) RETURNING *")
        return shown((await db.execute(query, {"owner": owner, "text": text_})).one())


@app.get("/notes/{number}")
async def read(number: Number, owner: Annotated[str, Depends(user)]):
    return await own_note("SELECT * FROM notes WHERE number = :number AND owner = :owner", number=number, owner=owner)


@app.put("/notes/{number}")
async def change(number: Number, owner: Annotated[str, Depends(user)], text_: NoteText):
    query = "UPDATE notes SET text = :text WHERE number = :number AND owner = :owner RETURNING *"
    return await own_note(query, number=number, owner=owner, text=text_)


@app.delete("/notes/{number}", status_code=204)
async def delete(number: Number, owner: Annotated[str, Depends(user)]):
    await own_note(
        "DELETE FROM notes WHERE number = :number AND owner = :owner RETURNING *", number=number, owner=owner
    )


async def own_note(query, **values):
    async with engine.begin() as db:
        note = (await db.execute(text(query), values)).one_or_none()
    if note is None:
        raise Fault(404, "no-such-note", "There is no such note.")
    return shown(note)
