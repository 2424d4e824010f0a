"""`/health`: whether to restart the process (live), and whether to send it requests (ready)."""

from fastapi import APIRouter, Depends, status

from app.core.problems import documented
from app.domains.health.dependencies import reach_database
from app.domains.health.schemas import Health

router = APIRouter(prefix="/health", tags=["health"])


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
