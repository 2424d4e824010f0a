from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
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


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="profiles", lifespan=lifespan)


@app.get("/profiles/{profile_id}")
async def get_profile(profile_id: int) -> ProfileRead:
    async with Session() as session:
        profile = await session.get(Profile, profile_id)
        if profile is None:
            raise HTTPException(404, "There is no such profile.")
        return ProfileRead.model_validate(profile)
