from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict

from database import Base, SessionDep, engine
from repository import EmailTaken, UserRepository


class UserIn(BaseModel):
    email: str
    name: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    name: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(title="people", lifespan=lifespan)


def get_repository(session: SessionDep) -> UserRepository:
    return UserRepository(session)


Repository = Annotated[UserRepository, Depends(get_repository)]


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/users", status_code=201)
async def add_user(user: UserIn, users: Repository) -> UserOut:
    try:
        return UserOut.model_validate(await users.add(user.email, user.name))
    except EmailTaken:
        raise HTTPException(409, "This address is taken.") from None


@app.get("/users")
async def find_users(users: Repository, text: str = "") -> list[UserOut]:
    return [UserOut.model_validate(user) for user in await users.search(text)]


@app.get("/users/count")
async def count_users(users: Repository) -> int:
    return await users.count()


@app.get("/users/{user_id}")
async def get_user(user_id: int, users: Repository) -> UserOut:
    user = await users.get(user_id)
    if user is None:
        raise HTTPException(404, "There is no such user.")
    return UserOut.model_validate(user)
