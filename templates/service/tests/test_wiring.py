"""What each middleware and handler does is tried in `tests/core/`; here, that the service has them, in their order."""

from collections.abc import Callable
from typing import Any

import pytest

from app import paths
from app.core.passwords import PasswordHasher
from tests.core.proxy import DatabaseProxy
from tests.service import Service, run_service, settings_for

SECRET = "hunter2 hunter2 hunter2"
LARGE = b" " * 2_000_000


@pytest.mark.parametrize(
    ("path", "body", "status"), [("/nowhere", b"", 404), (paths.LOGIN, LARGE, 413)], ids=["nowhere", "too large"]
)
async def test_a_refusal_passes_everything_that_answers_pass(
    service: Service, log_lines: Callable[[], list[dict[str, Any]]], path: str, body: bytes, status: int
) -> None:
    response = await service.client.post(path, content=body)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    (line,) = log_lines()
    assert line["request_id"] == response.headers["x-request-id"]
    # % if security_headers
    assert response.headers["x-content-type-options"] == "nosniff"
    # % endif
    # % if compression
    large = await service.client.get("http://test/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert large.headers["content-encoding"] == "gzip"
    # % endif


async def test_it_is_ready_when_its_database_is(service: Service, database_url: str) -> None:
    proxy = DatabaseProxy(database_url)
    await proxy.mend()
    async with run_service(settings_for(proxy.url)) as remote:
        statuses = [(await remote.client.get("http://test/health/ready")).status_code]
        await proxy.cut()
        statuses += [(await remote.client.get(f"http://test/health/{path}")).status_code for path in ("ready", "live")]

    assert statuses == [200, 503, 200]


async def test_secrets_are_not_logged(service: Service, log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    await service.new_account(password=SECRET)
    # % if registration
    await service.register(password=SECRET)
    # % endif
    await service.log_in(password=SECRET)

    lines = log_lines()
    assert lines[-1]["status"] == 200
    assert SECRET not in str(lines)


async def test_not_even_an_unforeseen_error_logs_a_secret(
    service: Service, log_lines: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_hasher: PasswordHasher, password: str, password_hash: str | None) -> bool:
        raise RuntimeError("boom")

    monkeypatch.setattr(PasswordHasher, "verify", fail)
    response = await service.log_in(password=SECRET)

    lines = log_lines()
    error, request = lines
    assert response.status_code == 500
    assert response.json()["code"] == "internal-error"
    assert "boom" in str(error["exception"])
    assert error["request_id"] == request["request_id"] == response.headers["x-request-id"]
    assert "hunter2" not in f"{lines} {response.text}"


async def test_a_slash_too_many_is_no_redirect_to_a_host_of_the_clients_choice(service: Service) -> None:
    response = await service.client.post(f"{paths.LOGIN}/", headers={"Host": "evil.example"})

    assert response.status_code == 404
    assert "location" not in response.headers
