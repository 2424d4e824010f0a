from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import MISSING, AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, Session, create_tables, engine


class Profile(Base):
    __tablename__ = "profiles"

    id: Mapped[int] = mapped_column(primary_key=True)
    display_name: Mapped[str] = mapped_column(String(50))
    bio: Mapped[str | None] = mapped_column(String(500))
    birthday: Mapped[date | None]
    newsletter: Mapped[bool]
    role: Mapped[str] = mapped_column(String(20))


class ProfileRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    display_name: str
    bio: str | None
    birthday: date | None
    newsletter: bool
    role: str


def _storable(value: str) -> str:
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not hold U+0000 or half a surrogate pair")
    return value


Text = Annotated[str, AfterValidator(_storable)]
ProfileId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class ProfileUpdate(BaseModel):
    """A change: a field that is missing stays as it is."""

    model_config = ConfigDict(extra="forbid")

    display_name: Annotated[Text, Field(min_length=1, max_length=50)] | MISSING = MISSING
    bio: Annotated[Text, Field(max_length=500)] | MISSING | None = MISSING
    birthday: date | MISSING | None = MISSING
    newsletter: bool | MISSING = MISSING


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="profiles", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Say where and why; what was sent may be text that no answer can carry."""
    told = [{"loc": list(fault["loc"]), "msg": fault["msg"], "type": fault["type"]} for fault in error.errors()]
    return JSONResponse({"detail": told}, status_code=422)


@app.get("/profiles/{profile_id}")
async def get_profile(profile_id: ProfileId) -> ProfileRead:
    async with Session() as session:
        profile = await session.get(Profile, profile_id)
        if profile is None:
            raise HTTPException(404, "There is no such profile.")
        return ProfileRead.model_validate(profile)


@app.patch("/profiles/{profile_id}", summary="Change a profile")
async def update_profile(profile_id: ProfileId, changes: ProfileUpdate) -> ProfileRead:
    """Change what is sent, and leave the rest."""
    async with Session.begin() as session:
        profile = await session.get(Profile, profile_id)
        if profile is None:
            raise HTTPException(404, "There is no such profile.")
        for field, value in changes.model_dump().items():  # a MISSING field is not dumped
            setattr(profile, field, value)
    return ProfileRead.model_validate(profile)
