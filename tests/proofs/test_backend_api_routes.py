"""Gotchas of the skill `backend-api-routes`."""

from pathlib import PurePosixPath
from typing import Annotated
from uuid import uuid4

import pytest
from fastapi import FastAPI, Path, Query, UploadFile
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, delete, insert, select, text, tuple_
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
    """Believed: FastAPI knows what is private. Now: untyped or as JSONResponse all goes out; `-> UserRead`."""
    app = FastAPI()
    user = User(id=1, name="Ada", password_hash="$argon2id$secret")

    @app.get("/wrong")
    async def wrong():  # type: ignore[no-untyped-def] # the wrong way
        return user

    @app.get("/past-the-model", response_model=UserRead)
    async def past_the_model() -> JSONResponse:
        return JSONResponse(jsonable_encoder(user))

    @app.get("/right")
    async def right() -> UserRead:
        return UserRead.model_validate(user)

    async with AppClient(app) as client:
        for path in ("/wrong", "/past-the-model"):
            assert (await client.get(path)).json()["password_hash"] == "$argon2id$secret"
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


async def test_rt_06_json_without_its_content_type_is_a_422() -> None:
    """Believed: a JSON body is read whatever its type. Now: without application/json a 422; send the header.

    Since FastAPI 0.132.
    """
    app = FastAPI()

    @app.post("/users")
    async def create(user: UserRead) -> UserRead:
        return user

    body = b'{"id": 1, "name": "Ada"}'
    async with AppClient(app) as client:
        for headers in ({}, {"content-type": "text/plain"}):
            answer = await client.post("/users", content=body, headers=headers)
            assert (answer.status_code, answer.json()["detail"][0]["type"]) == (422, "model_attributes_type")
        answer = await client.post("/users", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 200


async def test_rt_07_the_name_of_an_upload_is_the_clients() -> None:
    """Believed: UploadFile.filename is a name. Now: it may be a path out of the folder; make names yourself."""
    app = FastAPI()

    @app.post("/wrong")
    async def wrong(file: UploadFile) -> str:
        return str(PurePosixPath("/srv/uploads") / str(file.filename))

    @app.post("/right")
    async def right(file: UploadFile) -> str:
        return str(PurePosixPath("/srv/uploads") / uuid4().hex)

    async with AppClient(app) as client:
        for name in ("/etc/passwd", "../../etc/passwd"):
            files = {"file": (name, b"")}
            assert (await client.post("/wrong", files=files)).json().endswith("etc/passwd")
            assert PurePosixPath((await client.post("/right", files=files)).json()).parent.name == "uploads"


async def test_rt_08_pages_by_a_column_that_repeats_skip_rows(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Believed: `created_at > :last` pages. Now: rows of the same instant are skipped; (created_at, id) together."""
    async with sessions() as session:
        await session.execute(text("UPDATE users SET name = 'the same'"))
        seen = list(await session.scalars(select(User.id).order_by(User.name).limit(2)))
        assert len(seen) == 2
        assert list(await session.scalars(select(User.id).where(User.name > "the same").order_by(User.name))) == []

        place = tuple_(User.name, User.id)
        seen = list(await session.scalars(select(User.id).order_by(User.name, User.id).limit(2)))
        rest = select(User.id).where(place > ("the same", seen[-1])).order_by(User.name, User.id)
        assert seen + list(await session.scalars(rest)) == [1, 2, 3, 4, 5, 6]


async def test_rt_09_a_null_in_the_order_hides_its_row(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Believed: every row has its page. Now: one with a null in the order never comes; coalesce, or NOT NULL."""
    async with sessions() as session:
        await session.execute(text("ALTER TABLE users ADD COLUMN due int"))
        await session.execute(text("UPDATE users SET due = id WHERE id <> 4"))
        due = text("SELECT id FROM users WHERE (due, id) > (0, 0) ORDER BY due, id")
        assert list(await session.scalars(due)) == [1, 2, 3, 5, 6]

        last = "coalesce(due, 2147483647)"
        due = text(f"SELECT id FROM users WHERE ({last}, id) > (0, 0) ORDER BY {last}, id")
        assert list(await session.scalars(due)) == [1, 2, 3, 5, 6, 4]
