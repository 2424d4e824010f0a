from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import hashlib
import secrets

from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel
from sqlalchemy import Text, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from database import Base, Session, create_tables, engine


class ApiKey(Base):
    __tablename__ = "api_keys"

    key_sha256: Mapped[str] = mapped_column(primary_key=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    revoked: Mapped[bool] = mapped_column(default=False)


class Reading(BaseModel):
    celsius: float


api_key_header = APIKeyHeader(name="X-API-Key", auto_error=False)


def matches(sent: str, stored: str) -> bool:
    if secrets.compare_digest(sent, stored):  # never the hash itself
        return False
    return secrets.compare_digest(hashlib.sha256(sent.encode()).hexdigest(), stored)


async def verify_api_key(api_key: str | None = Security(api_key_header)) -> ApiKey:
    async with Session() as session:
        result = await session.execute(select(ApiKey).where(ApiKey.revoked.is_(False)))
        for key in result.scalars():
            if api_key and matches(api_key, key.key_sha256):
                return key
    raise HTTPException(status_code=403, detail="Could not validate API key")


class RequireScope:
    def __init__(self, scope: str):
        self.scope = scope

    async def __call__(self, key: ApiKey = Depends(verify_api_key)) -> ApiKey:
        if self.scope not in key.scopes:
            raise HTTPException(status_code=403, detail="Insufficient scope")
        return key


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


@app.get("/readings", dependencies=[Depends(RequireScope("read"))])
async def list_readings() -> list[Reading]:
    return readings


@app.post("/readings", status_code=201, dependencies=[Depends(RequireScope("write"))])
async def add_reading(reading: Reading) -> Reading:
    readings.append(reading)
    return reading
