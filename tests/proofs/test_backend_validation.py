"""Gotchas of the skill `backend-validation`."""

from collections.abc import Callable
from typing import Annotated

import pytest
from fastapi import FastAPI
from pydantic import (
    MISSING,
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    PostgresDsn,
    SecretStr,
    TypeAdapter,
    ValidationError,
)
from pydantic_settings import BaseSettings, NoDecode
from pydantic_settings.exceptions import SettingsError
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from .app_client import AppClient


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_admin: Mapped[bool] = mapped_column(default=False)


@pytest.fixture
async def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """One user, Ada, with the id 1."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with sessions.begin() as session:
        session.add(User(id=1, name="Ada"))
    return sessions


async def change_user(sessions: async_sessionmaker[AsyncSession], changes: dict[str, object]) -> bool:
    """Set what came, as published examples of PATCH do, and tell whether the user is an administrator now."""
    async with sessions.begin() as session:
        user = await session.get_one(User, 1)
        for field, value in changes.items():
            setattr(user, field, value)
    return user.is_admin


async def test_va_01_an_optional_patch_field_lets_null_through(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Believed: `str | None = None` means optional. Now: null reaches a NOT NULL column, a 500; `str | MISSING`.

    Since Pydantic 2.14, which has MISSING.
    """

    class Wrong(BaseModel):
        name: str | None = None

    class Right(BaseModel):
        name: str | MISSING = MISSING

    app = FastAPI()

    @app.patch("/wrong")
    async def wrong(changes: Wrong) -> None:
        await change_user(sessions, changes.model_dump(exclude_unset=True))

    @app.patch("/right")
    async def right(changes: Right) -> None:
        await change_user(sessions, changes.model_dump())

    async with AppClient(app) as client:
        assert (await client.patch("/wrong", json={"name": None})).status_code == 500
        assert isinstance(client.crashes[0], IntegrityError)
        assert 'null value in column "name"' in str(client.crashes[0])

        assert (await client.patch("/right", json={"name": None})).status_code == 422
        assert (await client.patch("/right", json={})).status_code == 200
    async with sessions() as session:
        assert (await session.get_one(User, 1)).name == "Ada"


async def test_va_02_a_nul_character_is_a_valid_str_and_a_500(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Believed: every str can be stored. Now: PostgreSQL refuses U+0000, a 500; a validator makes it a 422."""

    def refuse_nul(value: str) -> str:
        if "\x00" in value:
            raise ValueError("must not hold U+0000")
        return value

    class Wrong(BaseModel):
        name: str

    class Right(BaseModel):
        name: Annotated[str, AfterValidator(refuse_nul)]

    app = FastAPI()

    @app.patch("/wrong")
    async def wrong(changes: Wrong) -> None:
        await change_user(sessions, changes.model_dump())

    @app.patch("/right")
    async def right(changes: Right) -> None:
        await change_user(sessions, changes.model_dump())

    async with AppClient(app) as client:
        assert (await client.patch("/wrong", json={"name": "Ada\x00"})).status_code == 500
        assert isinstance(client.crashes[0], DBAPIError)
        assert 'invalid byte sequence for encoding "UTF8": 0x00' in str(client.crashes[0])

        assert (await client.patch("/right", json={"name": "Ada\x00"})).status_code == 422


def test_va_03_a_list_setting_is_read_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believed: `list[str]` reads a,b from the environment. Now: SettingsError, it wants JSON; NoDecode and split."""

    def split(value: str | list[str]) -> list[str]:
        return value.split(",") if isinstance(value, str) else value

    class Wrong(BaseSettings):
        cors_origins: list[str] = []

    class Right(BaseSettings):
        cors_origins: Annotated[list[str], NoDecode, BeforeValidator(split)] = []

    monkeypatch.setenv("CORS_ORIGINS", "https://a.example,https://b.example")
    with pytest.raises(SettingsError, match='error parsing value for field "cors_origins"'):
        Wrong()
    assert Right().cors_origins == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize("show", [repr, BaseModel.model_dump_json], ids=["repr", "model_dump_json"])
def test_va_04_a_postgres_dsn_setting_prints_the_password(show: Callable[[BaseModel], str]) -> None:
    """Believed: PostgresDsn hides the password. Now: repr() and model_dump_json() print it; SecretStr does not."""
    url = "postgresql://ada:hunter2@localhost/app"

    class Wrong(BaseModel):
        database_url: PostgresDsn

    class Right(BaseModel):
        database_url: SecretStr

    assert "hunter2" in show(Wrong.model_validate({"database_url": url}))
    assert "hunter2" not in show(Right.model_validate({"database_url": url}))


async def test_va_05_extra_fields_and_a_setattr_loop_are_mass_assignment(
    sessions: async_sessionmaker[AsyncSession],
) -> None:
    """Believed: extra fields do no harm. Now: with a setattr loop they make one an administrator; extra="forbid"."""

    class Wrong(BaseModel):
        model_config = ConfigDict(extra="allow")
        name: str

    class Right(BaseModel):
        model_config = ConfigDict(extra="forbid")
        name: str

    app = FastAPI()

    @app.patch("/wrong")
    async def wrong(changes: Wrong) -> bool:
        return await change_user(sessions, changes.model_dump())

    @app.patch("/right")
    async def right(changes: Right) -> bool:
        return await change_user(sessions, changes.model_dump())

    async with AppClient(app) as client:
        body = {"name": "Ada", "is_admin": True}
        assert (await client.patch("/wrong", json=body)).json() is True
        response = await client.patch("/right", json=body)
        assert response.status_code == 422
        assert response.json()["detail"][0]["type"] == "extra_forbidden"


def test_va_06_true_is_accepted_for_an_int() -> None:
    """Believed: `int` refuses true. Now: it becomes 1; Field(strict=True) refuses it."""

    class Wrong(BaseModel):
        quantity: int

    class Right(BaseModel):
        quantity: Annotated[int, Field(strict=True)]

    body = '{"quantity": true}'
    assert Wrong.model_validate_json(body).quantity == 1
    with pytest.raises(ValidationError, match="Input should be a valid integer"):
        Right.model_validate_json(body)
    assert Right.model_validate_json('{"quantity": 1}').quantity == 1


def test_va_07_two_spellings_of_an_address_are_two_addresses() -> None:
    """Believed: EmailStr normalises. Now: only the domain, two accounts for one; AfterValidator(str.lower)."""
    spellings = ["Ada@Example.com", "ada@example.com"]
    wrong = TypeAdapter[str](EmailStr)
    assert {wrong.validate_python(each) for each in spellings} == {"Ada@example.com", "ada@example.com"}

    right = TypeAdapter[str](Annotated[EmailStr, AfterValidator(str.lower)])
    assert {right.validate_python(each) for each in spellings} == {"ada@example.com"}
