from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, create_tables, engine


class ApiKey(Base):
    __tablename__ = "api_keys"

    key_sha256: Mapped[str] = mapped_column(primary_key=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    revoked: Mapped[bool] = mapped_column(default=False)


class Reading(BaseModel):
    celsius: float


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await create_tables()
    yield
    await engine.dispose()


app = FastAPI(title="readings", lifespan=lifespan)
readings: list[Reading] = []


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/readings")
async def list_readings() -> list[Reading]:
    return readings


@app.post("/readings", status_code=201)
async def add_reading(reading: Reading) -> Reading:
    readings.append(reading)
    return reading
