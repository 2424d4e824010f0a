"""Every error is a problem (RFC 9457), and none says more than it should."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import BigInteger, Text, cast, literal, select, text

from app import paths
from app.core.database import SessionDep
from app.core.errors import DomainError, NotFoundError
from app.core.schemas import Int64, RequestModel
from app.domains.users.models import User
from app.settings import API_PREFIX
from tests.service import Service, run_service, settings_for

faults = APIRouter(prefix="/faults")


@faults.get("/unforeseen")
async def fail() -> None:
    """Fail as code does that nobody has tried."""
    raise LookupError("the password is hunter2")


@faults.get("/domain")
async def refuse(known: bool) -> None:
    """Refuse as services do."""
    raise NotFoundError if known else DomainError


@faults.get("/integer")
async def store_integer(session: SessionDep) -> None:
    """Hand the database an integer that its type can't hold."""
    await session.scalar(select(cast(literal(2**63, BigInteger), BigInteger)))


@faults.get("/text")
async def store_text(session: SessionDep) -> None:
    """Hand the database a text that its encoding can't hold."""
    await session.scalar(select(cast(literal("a\x00b"), Text)))


@faults.get("/stale")
async def change_what_is_gone(session: SessionDep) -> None:
    """Change a row that somebody deletes in the meantime."""
    user = (await session.scalars(select(User))).one()
    await session.execute(text("DELETE FROM users"))
    user.password_hash = "another"
    await session.flush()


@faults.get("/long")
async def store_what_no_index_holds(session: SessionDep) -> None:
    """Put more into an index than a page of it holds."""
    await session.execute(text("CREATE TEMPORARY TABLE long (value text UNIQUE) ON COMMIT DROP"))
    await session.execute(text("INSERT INTO long SELECT string_agg(md5(n::text), '') FROM generate_series(1, 1000) n"))


@faults.get("/timeout")
async def time_out() -> None:
    """Take longer than the driver waits."""
    raise TimeoutError


class Form(RequestModel):
    """A body with one field."""

    value: Int64


@faults.post("/form")
async def take(sent: Form) -> None:
    """Take a body."""


@pytest.fixture
async def faulty(service: Service, database_url: str) -> AsyncIterator[Service]:
    """The service with routes that fail."""
    async with run_service(settings_for(database_url)) as running:
        running.app.include_router(faults, prefix=API_PREFIX)
        yield running


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", paths.LOGIN, 405), ("GET", paths.ME, 401), ("POST", paths.LOGIN, 422)],
)
async def test_what_the_framework_refuses_is_a_problem_too(
    service: Service, method: str, path: str, status: int
) -> None:
    response = await service.client.request(method, path)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "status", "detail", "instance", "code"} <= set(problem)
    assert (problem["status"], problem["instance"]) == (status, API_PREFIX + path)


async def test_a_wrong_method_is_told_the_right_ones(service: Service) -> None:
    one = await service.client.delete(paths.LOGIN)
    several = await service.client.put(paths.ME)

    assert one.headers["allow"] == "POST"
    document = (await service.client.get("http://test/openapi.json")).json()["paths"]
    methods = sorted(method.upper() for method in document[API_PREFIX + paths.ME])
    assert several.headers["allow"] == ", ".join(methods)


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"value": NaN}', b"null", b""])
async def test_a_body_that_makes_no_sense_is_refused(faulty: Service, body: bytes) -> None:
    response = await faulty.client.post("/faults/form", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"


async def test_many_and_long_wrong_names_do_not_make_a_long_answer(faulty: Service) -> None:
    body = {f"{number}{'x' * 1000}": 1 for number in range(500)}

    response = await faulty.client.post("/faults/form", json=body)

    assert response.status_code == 422
    assert len(response.content) < 10_000


@pytest.mark.parametrize("slash", [f"{paths.ME}/", f"{paths.LOGIN}/"])
async def test_a_slash_too_many_is_no_redirect_to_a_host_of_the_clients_choice(service: Service, slash: str) -> None:
    response = await service.client.post(slash, headers={"Host": "evil.example"})

    assert response.status_code == 404
    assert "location" not in response.headers


# % if registration and login == "email"
async def test_why_an_address_is_none_is_said_without_the_address(service: Service) -> None:
    response = await service.register("hun(ter)2@")

    (error,) = response.json()["errors"]
    assert (error["location"], error["message"]) == (["body", "email"], "value is not a valid email address")


# % endif
async def test_an_unforeseen_error_is_logged_and_not_told(
    faulty: Service, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    response = await faulty.client.get("/faults/unforeseen")

    assert response.status_code == 500
    assert response.json()["code"] == "internal-error"
    assert "hunter2" not in response.text
    error, request = log_lines()
    assert error["request_id"] == request["request_id"] == response.headers["x-request-id"]
    assert "hunter2" in str(error["exception"])


@pytest.mark.parametrize(("known", "status"), [(True, 404), (False, 400)])
async def test_a_domain_error_has_the_status_of_its_class(faulty: Service, known: bool, status: int) -> None:
    response = await faulty.client.get("/faults/domain", params={"known": known})

    assert response.status_code == status


@pytest.mark.parametrize("path", ["/faults/integer", "/faults/text", "/faults/long"])
async def test_a_value_that_cannot_be_stored_is_the_callers_mistake(faulty: Service, path: str) -> None:
    response = await faulty.client.get(path)

    assert response.status_code == 422
    assert response.json()["code"] == "unstorable-value"


async def test_a_row_that_is_gone_when_it_is_written_is_a_conflict(faulty: Service) -> None:
    await faulty.new_account()

    response = await faulty.client.get("/faults/stale")

    assert response.status_code == 409


async def test_a_statement_that_takes_too_long_is_a_503(faulty: Service) -> None:
    response = await faulty.client.get("/faults/timeout")

    assert response.status_code == 503
