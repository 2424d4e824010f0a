"""Gotchas of the skill `backend-error-handling`."""

import asyncio
import socket
import warnings
from typing import Annotated

import fastapi
import pytest
from anyio import to_thread
from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, SecretStr
from sqlalchemy import URL, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.exceptions import StarletteDeprecationWarning

from .app_client import AppClient


async def answer_without_input(request: Request, error: Exception) -> JSONResponse:
    """The right handler of ER-01, ER-03 and ER-05: where, which and what, and nothing that the client sent."""
    assert isinstance(error, RequestValidationError)
    errors = [{key: each[key] for key in ("loc", "type", "msg")} for each in error.errors()]
    return JSONResponse({"errors": errors}, status.HTTP_422_UNPROCESSABLE_CONTENT)


async def test_er_01_the_default_422_echoes_the_password() -> None:
    """Believed: a 422 holds no secrets, SecretStr sees to it. Now: it echoes the input; answer loc, type, msg."""

    class Credentials(BaseModel):
        email: str
        password: SecretStr

    async def log_in(credentials: Credentials) -> None: ...

    wrong, right = FastAPI(), FastAPI()
    right.add_exception_handler(RequestValidationError, answer_without_input)
    for app in (wrong, right):
        app.post("/login")(log_in)

    without_email = {"password": "hunter2"}
    async with AppClient(wrong) as client:
        response = await client.post("/login", json=without_email)
        assert response.status_code == 422
        assert response.json()["detail"][0]["input"] == without_email
    async with AppClient(right) as client:
        response = await client.post("/login", json=without_email)
        assert response.status_code == 422
        assert response.json() == {"errors": [{"loc": ["body", "email"], "type": "missing", "msg": "Field required"}]}


async def test_er_02_a_handler_of_fastapis_exception_misses_the_routers_own() -> None:
    """Believed: fastapi.HTTPException covers all. Now: the router's 404 and 405 are Starlette's; register on that."""

    async def own_format(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, StarletteHTTPException)
        return JSONResponse({"problem": error.detail}, error.status_code)

    async def raising() -> None:
        raise fastapi.HTTPException(404, "no such user")

    for exception, missed in [(fastapi.HTTPException, True), (StarletteHTTPException, False)]:
        app = FastAPI()
        app.add_exception_handler(exception, own_format)
        app.get("/users/1")(raising)
        async with AppClient(app) as client:
            assert (await client.get("/users/1")).json() == {"problem": "no such user"}
            key = "detail" if missed else "problem"
            assert (await client.get("/nowhere")).json() == {key: "Not Found"}
            assert (await client.post("/users/1")).json() == {key: "Method Not Allowed"}


@pytest.mark.parametrize(
    ("value", "crash"), [("NaN", "Out of range float values"), (r'"\ud800"', "surrogates not allowed")]
)
async def test_er_03_nan_in_a_body_crashes_the_default_422_handler(value: str, crash: str) -> None:
    """Believed: bad JSON is a 422. Now: NaN is echoed as input, which JSON cannot hold: 500; answer without input."""

    class Order(BaseModel):
        quantity: int

    async def place(order: Order) -> None: ...

    wrong, right = FastAPI(), FastAPI()
    right.add_exception_handler(RequestValidationError, answer_without_input)
    for app in (wrong, right):
        app.post("/orders")(place)

    async def post(client: AppClient) -> int:
        body = f'{{"quantity": {value}}}'
        return (await client.post("/orders", content=body, headers={"content-type": "application/json"})).status_code

    async with AppClient(wrong) as client:
        assert await post(client) == 500
        assert isinstance(client.crashes[0], ValueError)
        assert crash in str(client.crashes[0])
    async with AppClient(right) as client:
        assert await post(client) == 422


async def test_er_04_a_refused_connection_is_not_an_sqlalchemy_error() -> None:
    """Believed: SQLAlchemyError covers the database. Now: asyncpg's refusal is an OSError; catch both for a 503."""
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        engine = create_async_engine(URL.create("postgresql+asyncpg", "u", host="127.0.0.1", port=port))
        app = FastAPI()

        async def ping() -> None:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

        @app.get("/wrong")
        async def wrong() -> None:
            try:
                await ping()
            except SQLAlchemyError:
                raise fastapi.HTTPException(503) from None

        @app.get("/right")
        async def right() -> None:
            try:
                await ping()
            except (SQLAlchemyError, OSError):
                raise fastapi.HTTPException(503) from None

        async with AppClient(app) as client:
            assert (await client.get("/wrong")).status_code == 500
            assert isinstance(client.crashes[0], ConnectionRefusedError)
            assert (await client.get("/right")).status_code == 503


async def test_er_05_errors_of_a_validator_are_not_json() -> None:
    """Believed: exc.errors() can be dumped as JSON. Now: ctx holds the ValueError, TypeError; pick the plain keys."""

    def refuse_odd(value: int) -> int:
        if value % 2:
            raise ValueError("must be even")
        return value

    class Order(BaseModel):
        quantity: Annotated[int, AfterValidator(refuse_odd)]

    async def place(order: Order) -> None: ...

    async def dump_errors(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return JSONResponse({"errors": error.errors()}, status.HTTP_422_UNPROCESSABLE_CONTENT)

    wrong, right = FastAPI(), FastAPI()
    wrong.add_exception_handler(RequestValidationError, dump_errors)
    right.add_exception_handler(RequestValidationError, answer_without_input)
    for app in (wrong, right):
        app.post("/orders")(place)

    async with AppClient(wrong) as client:
        assert (await client.post("/orders", json={"quantity": 3})).status_code == 500
        assert isinstance(client.crashes[0], TypeError)
        assert str(client.crashes[0]) == "Object of type ValueError is not JSON serializable"
    async with AppClient(right) as client:
        response = await client.post("/orders", json={"quantity": 3})
        assert response.status_code == 422
        assert response.json()["errors"][0]["msg"] == "Value error, must be even"


def test_er_06_unprocessable_entity_is_deprecated() -> None:
    """Believed: HTTP_422_UNPROCESSABLE_ENTITY. Now: StarletteDeprecationWarning; HTTP_422_UNPROCESSABLE_CONTENT."""
    with pytest.warns(StarletteDeprecationWarning, match="Use 'HTTP_422_UNPROCESSABLE_CONTENT' instead"):
        assert status.HTTP_422_UNPROCESSABLE_ENTITY == 422

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert status.HTTP_422_UNPROCESSABLE_CONTENT == 422


@pytest.mark.parametrize(
    ("statement", "sqlstate"),
    [
        ("SET LOCAL statement_timeout = 20; SELECT pg_sleep(30)", "57014"),
        ("SELECT 1 / 0", "22012"),
    ],
)
async def test_er_07_errors_of_asyncpg_are_bare_dbapi_errors(
    engine: AsyncEngine, statement: str, sqlstate: str
) -> None:
    """Believed: DataError and OperationalError tell them apart. Now: asyncpg's are bare; orig.sqlstate does."""
    *settings, last = statement.split("; ")
    async with engine.connect() as connection:
        for setting in settings:
            await connection.execute(text(setting))
        with pytest.raises(DBAPIError) as raised:
            await connection.execute(text(last))
    assert not isinstance(raised.value, (DataError, OperationalError))
    assert getattr(raised.value.orig, "sqlstate", None) == sqlstate


async def test_er_08_an_integrity_error_is_not_always_a_duplicate(engine: AsyncEngine) -> None:
    """Believed: IntegrityError means taken. Now: or a missing foreign key, a wrong 409; ask for constraint_name."""
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE users (email text CONSTRAINT uq_email PRIMARY KEY)"))
        await connection.execute(text("CREATE TABLE notes (owner text CONSTRAINT fk_owner REFERENCES users)"))
        await connection.execute(text("INSERT INTO users VALUES ('ada')"))

    violated = []
    for statement in ("INSERT INTO users VALUES ('ada')", "INSERT INTO notes VALUES ('nobody')"):
        async with engine.connect() as connection:
            with pytest.raises(IntegrityError) as raised:
                await connection.execute(text(statement))
        assert type(raised.value) is IntegrityError  # the one says as little as the other
        violated.append(getattr(raised.value.driver_exception, "constraint_name", None))
    assert violated == ["uq_email", "fk_owner"]


async def test_er_09_a_synchronous_handler_waits_for_a_thread() -> None:
    """Believed: a handler that awaits nothing may be `def`. Now: it queues for one of 40 threads; `async def`."""

    def answer(_request: Request, _error: Exception) -> JSONResponse:
        return JSONResponse({"problem": "gone"}, status.HTTP_410_GONE)

    async def answer_at_once(request: Request, error: Exception) -> JSONResponse:
        return answer(request, error)

    async def fail() -> None:
        raise LookupError

    wrong, right = FastAPI(), FastAPI()
    wrong.add_exception_handler(LookupError, answer)
    right.add_exception_handler(LookupError, answer_at_once)
    for app in (wrong, right):
        app.get("/orders/1")(fail)

    threads = to_thread.current_default_thread_limiter()
    busy = [object() for _ in range(int(threads.total_tokens))]
    assert len(busy) == 40
    for work in busy:
        await threads.acquire_on_behalf_of(work)
    try:
        async with AppClient(right) as client:
            assert (await client.get("/orders/1")).status_code == 410
        async with AppClient(wrong) as client:
            request = asyncio.create_task(client.get("/orders/1"))
            done, _ = await asyncio.wait([request], timeout=0.5)
            assert not done
            threads.release_on_behalf_of(busy.pop())
            assert (await request).status_code == 410
    finally:
        for work in busy:
            threads.release_on_behalf_of(work)
