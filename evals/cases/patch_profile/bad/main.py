from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field
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


class ProfileUpdate(BaseModel):
    display_name: str | None = Field(default=None, min_length=1, max_length=50)
    bio: str | None = Field(default=None, max_length=500)
    birthday: date | None = None
    newsletter: bool | None = None


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


@app.patch("/profiles/{profile_id}", response_model=ProfileRead)
async def update_profile(profile_id: int, profile_in: ProfileUpdate):
    async with Session() as session:
        profile = await session.get(Profile, profile_id)
        if not profile:
            raise HTTPException(status_code=404, detail="Profile not found")
        for key, value in profile_in.model_dump(exclude_unset=True).items():
            setattr(profile, key, value)
        await session.commit()
        await session.refresh(profile)
        return profile
