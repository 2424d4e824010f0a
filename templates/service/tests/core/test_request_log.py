"""Request ids and log lines."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.service import Service

SECRET = "hunter2 hunter2 hunter2"


async def test_a_request_is_one_line_of_json(service: Service, log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    response = await service.client.get("http://test/health/live", headers={"X-Request-ID": "from-the-proxy.1"})

    assert response.headers["x-request-id"] == "from-the-proxy.1"
    (line,) = log_lines()
    assert (line["request_id"], line["path"], line["status"]) == ("from-the-proxy.1", "/health/live", 200)


@pytest.mark.parametrize("offered", ["", "x" * 65, "a b", 'forged"}'])
async def test_an_id_that_could_forge_a_log_line_is_replaced(service: Service, offered: str) -> None:
    response = await service.client.get("http://test/health/live", headers={"X-Request-ID": offered})

    assert len(response.headers["x-request-id"]) == 32


async def test_secrets_are_not_logged(service: Service, log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    await service.new_account(password=SECRET)
    # % if registration
    await service.register(password=SECRET)
    # % endif
    await service.log_in(password=SECRET)

    lines = log_lines()
    assert lines[-1]["status"] == 200
    assert SECRET not in str(lines)
