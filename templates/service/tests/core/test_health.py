"""Liveness and readiness. What they say while the database is away stands in `tests/core/test_database.py`."""

import pytest

from tests.service import Service


@pytest.mark.parametrize("path", ["http://test/health/live", "http://test/health/ready"])
async def test_a_healthy_service_says_so(service: Service, path: str) -> None:
    response = await service.client.get(path)

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
