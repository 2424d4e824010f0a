from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import APIKeyHeader
from pydantic import BaseModel
from sqlalchemy import Text
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


key_header = APIKeyHeader(name="X-API-Key", auto_error=False)


async def get_api_key(sent: Annotated[str | None, Depends(key_header)]) -> ApiKey:
    """Recognise the calling program, or answer 401."""
    if sent:
        # Headers arrive as latin-1; looked up by hash, nothing is compared byte by byte.
        digest = sha256(sent.encode("latin-1")).hexdigest()
        async with Session() as session:
            found = await session.get(ApiKey, digest)
        if found is not None and not found.revoked:
            return found
    raise HTTPException(401, "A valid API key is needed.", headers={"WWW-Authenticate": "APIKey"})


def require(scope: str) -> Callable[[ApiKey], Awaitable[None]]:
    """Make the dependency that lets in keys with the scope."""

    async def check(key: Annotated[ApiKey, Depends(get_api_key)]) -> None:
        if scope not in key.scopes:
            raise HTTPException(403, f"This key lacks the scope {scope}.")

    return check


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


@app.get("/readings", dependencies=[Depends(require("read"))])
async def list_readings() -> list[Reading]:
    return readings


@app.post("/readings", status_code=201, dependencies=[Depends(require("write"))])
async def add_reading(reading: Reading) -> Reading:
    readings.append(reading)
    return reading
