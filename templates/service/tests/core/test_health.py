"""Liveness and readiness. What they say while the database is away stands in `test_database.py`."""

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient

from app.core.health import health_router

asked: list[str] = []


async def reach_one() -> None:
    """Reach what is there."""
    asked.append("one")


async def reach_other() -> None:
    """Reach for what is away."""
    raise HTTPException(503)


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_a_healthy_service_says_so(path: str) -> None:
    app = FastAPI()
    app.include_router(health_router(reach_one))
    asked.clear()

    response = TestClient(app).get(path)

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert asked == (["one"] if path == "/health/ready" else [])


def test_what_is_away_takes_readiness_and_not_life() -> None:
    app = FastAPI()
    app.include_router(health_router(reach_one, reach_other))
    client = TestClient(app)

    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200
