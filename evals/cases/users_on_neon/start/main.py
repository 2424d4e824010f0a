from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from database import Base, engine, get_session
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
    Base.metadata.create_all(engine)
    yield
    engine.dispose()


app = FastAPI(title="people", lifespan=lifespan)


def get_repository(session: Annotated[Session, Depends(get_session)]) -> UserRepository:
    return UserRepository(session)


Repository = Annotated[UserRepository, Depends(get_repository)]


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/users", status_code=201)
def add_user(user: UserIn, users: Repository) -> UserOut:
    try:
        return UserOut.model_validate(users.add(user.email, user.name))
    except EmailTaken:
        raise HTTPException(409, "This address is taken.") from None


@app.get("/users")
def find_users(users: Repository, text: str = "") -> list[UserOut]:
    return [UserOut.model_validate(user) for user in users.search(text)]


@app.get("/users/count")
def count_users(users: Repository) -> int:
    return users.count()


@app.get("/users/{user_id}")
def get_user(user_id: int, users: Repository) -> UserOut:
    user = users.get(user_id)
    if user is None:
        raise HTTPException(404, "There is no such user.")
    return UserOut.model_validate(user)
