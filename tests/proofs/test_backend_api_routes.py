"""Gotchas of the skill `backend-api-routes`."""

from typing import Annotated

import pytest
from fastapi import FastAPI, Path, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, delete, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from .app_client import AppClient


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]
    password_hash: Mapped[str] = mapped_column(default="$argon2id$secret")


class UserRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str


@pytest.fixture
async def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Six users, 1 to 6."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(insert(User), [{"id": number, "name": f"user {number}"} for number in range(1, 7)])
    return async_sessionmaker(engine, expire_on_commit=False)


async def test_rt_01_an_unbounded_limit_is_a_500(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Believed: `limit: int` is validated enough. Now: limit=-1 is PostgreSQL's error, a 500; bound it in Query."""
    app = FastAPI()

    async def ids(limit: int) -> list[int]:
        async with sessions() as session:
            return list(await session.scalars(select(User.id).order_by(User.id).limit(limit)))

    @app.get("/wrong")
    async def wrong(limit: int) -> list[int]:
        return await ids(limit)

    @app.get("/right")
    async def right(limit: Annotated[int, Query(ge=1, le=100)]) -> list[int]:
        return await ids(limit)

    async with AppClient(app) as client:
        assert (await client.get("/wrong?limit=-1")).status_code == 500
        assert isinstance(client.crashes[0], DBAPIError)
        assert "LIMIT must not be negative" in str(client.crashes[0])
        assert len((await client.get("/wrong?limit=1000000000")).json()) == 6  # the whole table, however large

        assert (await client.get("/right?limit=-1")).status_code == 422
        assert (await client.get("/right?limit=1000000000")).status_code == 422
        assert (await client.get("/right?limit=2")).json() == [1, 2]


async def test_rt_02_an_id_beyond_the_column_is_a_500(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Believed: an unknown `item_id: int` is a 404. Now: beyond the column's range a 500; bound the type for 422."""
    app = FastAPI()
    int64 = Annotated[int, Path(ge=1, le=2**63 - 1)]

    @app.get("/wrong/{user_id}")
    async def wrong(user_id: int) -> bool:
        async with sessions() as session:
            return await session.get(User, user_id) is not None

    @app.get("/right/{user_id}")
    async def right(user_id: int64) -> bool:
        async with sessions() as session:
            return await session.get(User, user_id) is not None

    async with AppClient(app) as client:
        assert (await client.get(f"/wrong/{2**63}")).status_code == 500
        assert isinstance(client.crashes[0], DBAPIError)
        assert "value out of int64 range" in str(client.crashes[0])

        assert (await client.get(f"/right/{2**63}")).status_code == 422
        assert (await client.get(f"/right/{2**63 - 1}")).json() is False


async def test_rt_03_a_route_without_return_type_leaks_the_password_hash() -> None:
    """Believed: FastAPI knows what is private. Now: without a return type every column goes out; `-> UserRead`."""
    app = FastAPI()
    user = User(id=1, name="Ada", password_hash="$argon2id$secret")

    @app.get("/wrong")
    async def wrong():  # type: ignore[no-untyped-def] # the wrong way
        return user

    @app.get("/right")
    async def right() -> UserRead:
        return UserRead.model_validate(user)

    async with AppClient(app) as client:
        assert (await client.get("/wrong")).json() == {"id": 1, "name": "Ada", "password_hash": "$argon2id$secret"}
        assert (await client.get("/right")).json() == {"id": 1, "name": "Ada"}


async def test_rt_04_a_parameter_declared_first_swallows_the_fixed_path() -> None:
    """Believed: the most exact path wins. Now: the first declared wins, /users/me is a 422; fixed paths first."""

    def read_user(user_id: int) -> str:
        return f"user {user_id}"

    def read_me() -> str:
        return "me"

    wrong = FastAPI()
    wrong.get("/users/{user_id}")(read_user)
    wrong.get("/users/me")(read_me)
    right = FastAPI()
    right.get("/users/me")(read_me)
    right.get("/users/{user_id}")(read_user)

    async with AppClient(wrong) as client:
        response = await client.get("/users/me")
        assert response.status_code == 422
        assert response.json()["detail"][0]["loc"] == ["path", "user_id"]
    async with AppClient(right) as client:
        assert (await client.get("/users/me")).json() == "me"
        assert (await client.get("/users/1")).json() == "user 1"


async def test_rt_05_offset_pages_skip_and_repeat_rows(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Believed: offset pages show every row once. Now: not while rows come and go; a keyset by id does."""

    async def by_offset(offset: int) -> list[int]:
        async with sessions() as session:
            return list(await session.scalars(select(User.id).order_by(User.id).offset(offset).limit(2)))

    async def by_keyset(after: int) -> list[int]:
        async with sessions() as session:
            return list(await session.scalars(select(User.id).where(User.id > after).order_by(User.id).limit(2)))

    assert await by_offset(0) == await by_keyset(0) == [1, 2]
    async with sessions.begin() as session:
        await session.execute(delete(User).where(User.id == 1))
    assert await by_offset(2) == [4, 5]  # 3 was never shown
    assert await by_keyset(2) == [3, 4]

    async with sessions.begin() as session:
        await session.execute(insert(User).values(id=0, name="user 0"))
        await session.execute(insert(User).values(id=-1, name="user -1"))
    assert await by_offset(4) == [4, 5]  # both shown before
    assert await by_keyset(4) == [5, 6]
