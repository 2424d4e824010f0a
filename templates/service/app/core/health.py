"""`/health`: whether to restart the process (live), and whether to send it requests (ready). Never versioned."""

from typing import Literal

from fastapi import APIRouter, Depends, status
from pydantic import BaseModel
from sqlalchemy import text

from app.core.database import SessionDep
from app.core.problems import documented

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    """The process, or the service with its database, is well."""

    status: Literal["ok"] = "ok"


async def reach_database(session: SessionDep) -> None:
    """Ask the database for anything at all.

    Raises:
        DatabaseUnavailableError: there is no answer.
    """
    await session.execute(text("SELECT 1"))


@router.get("/live", summary="Is the process alive?")
async def live() -> Health:
    """Answer without touching the database: its trouble is no reason to restart this process."""
    return Health()


@router.get(
    "/ready",
    summary="Can it serve?",
    dependencies=[Depends(reach_database)],
    responses=documented(status.HTTP_503_SERVICE_UNAVAILABLE),
)
async def ready() -> Health:
    """Answer after a round trip to the database."""
    return Health()
