"""`/health`: whether to restart the process (live), and whether to send it requests (ready). Never versioned."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Depends, status
from pydantic import BaseModel


class Health(BaseModel):
    """The process, or the service with all that it needs, is well."""

    status: Literal["ok"] = "ok"


async def live() -> Health:
    """Answer without touching anything else: its trouble is no reason to restart this process."""
    return Health()


async def ready() -> Health:
    """Answer after everything has that the service needs."""
    return Health()


def health_router(*needed: Callable[..., object]) -> APIRouter:
    """Make the two routes.

    Args:
        needed: dependencies that raise when what they ask for is away, each with an error that becomes a 503.
    """
    router = APIRouter(prefix="/health", tags=["health"])
    router.add_api_route("/live", live, summary="Is the process alive?")
    router.add_api_route(
        "/ready",
        ready,
        summary="Can it serve?",
        dependencies=[Depends(dependency) for dependency in needed],
        responses={status.HTTP_503_SERVICE_UNAVAILABLE: {"description": "Service Unavailable"}},
    )
    return router
