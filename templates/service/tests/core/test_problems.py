"""Every error is a problem (RFC 9457), and none says more than it should."""

from typing import Annotated, Literal

import pytest
from fastapi import Body, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UnauthenticatedError,
)
from app.core.problems import add_problem_handlers
from app.core.unexpected_errors import UnexpectedErrorMiddleware

ERRORS = {
    error.code: error
    for error in (DomainError, NotFoundError, ConflictError, InvalidRequestError, UnauthenticatedError, ForbiddenError)
}


class Cat(BaseModel):
    """One kind of animal."""

    kind: Literal["cat"]


class Dog(BaseModel):
    """Another."""

    kind: Literal["dog"]


class Nothing(BaseModel):
    """A body without fields."""

    model_config = ConfigDict(extra="forbid")


app = FastAPI()
add_problem_handlers(app)
app.add_middleware(UnexpectedErrorMiddleware)


@app.post("/nothing")
async def take(sent: Nothing) -> None:
    """Take no fields."""


@app.get("/unforeseen")
async def fail() -> None:
    """Fail as code does that nobody has tried."""
    raise LookupError("the password is hunter2")


@app.get("/domain/{code}")
async def refuse(code: str) -> None:
    """Refuse as services do."""
    raise ERRORS[code]


@app.get("/form")
async def read_form() -> None:
    """Have a second method on one path."""


@app.post("/form")
async def take_form(value: Annotated[int, Body(embed=True)]) -> None:
    """Take a body."""


@app.post("/animals")
async def take_animal(animal: Annotated[Cat | Dog, Body(discriminator="kind")]) -> None:
    """Take a body of one of two kinds."""


@app.post("/many")
async def take_many(values: list[Annotated[int, Field(ge=0)]]) -> None:
    """Take many values, each of which can be wrong."""


client = TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/form", 405), ("POST", "/form", 422)]
)
def test_what_the_framework_refuses_is_a_problem_too(method: str, path: str, status: int) -> None:
    response = client.request(method, path)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "status", "detail", "instance", "code"} <= set(problem)
    assert (problem["status"], problem["instance"]) == (status, path)


def test_a_wrong_method_is_told_the_right_ones() -> None:
    assert client.delete("/animals").headers["allow"] == "POST"
    assert client.delete("/form").headers["allow"] == "GET, POST"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"value": NaN}', b"null", b""])
def test_a_body_that_makes_no_sense_is_refused(body: bytes) -> None:
    response = client.post("/form", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"


def test_many_and_long_wrong_values_do_not_make_a_long_answer() -> None:
    response = client.post("/many", json=[f"{number}{'x' * 1000}" for number in range(500)])

    assert response.status_code == 422
    assert len(response.content) < 10_000


def test_what_was_sent_is_not_repeated() -> None:
    wrong_type = client.post("/form", json={"value": "hunter2"})
    wrong_kind = client.post("/animals", json={"kind": "hunter2"})

    (error,) = wrong_type.json()["errors"]
    assert error["location"] == ["body", "value"]
    assert (wrong_type.status_code, wrong_kind.status_code) == (422, 422)
    assert "hunter2" not in wrong_type.text + wrong_kind.text


def test_a_body_that_is_not_said_to_be_json_is_told_so() -> None:
    response = client.post("/form", content=b'{"value": 1}', headers={"Content-Type": "text/plain"})

    (error,) = response.json()["errors"]
    assert (response.status_code, error["location"]) == (422, ["header", "content-type"])


def test_an_unforeseen_error_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    response = client.get("/unforeseen")

    assert response.status_code == 500
    assert response.json()["code"] == "internal-error"
    assert "hunter2" not in response.text
    assert "hunter2" in caplog.text


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("domain-error", 400),
        ("not-found", 404),
        ("conflict", 409),
        ("invalid-request", 422),
        ("unauthenticated", 401),
        ("forbidden", 403),
    ],
)
def test_a_domain_error_has_the_status_of_its_class(code: str, status: int) -> None:
    response = client.get(f"/domain/{code}")

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)


def test_the_name_of_an_unknown_field_is_told_where_it_cannot_be_a_password() -> None:
    response = TestClient(app).post("/nothing", json={"favourite_colour": 1, "correct horse battery staple": 2})

    assert response.status_code == 422
    assert [error["location"] for error in response.json()["errors"]] == [["body", "favourite_colour"], ["body", "…"]]
