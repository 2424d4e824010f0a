"""Gotchas of the skill `fastapi`."""

import subprocess
import sys
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import fastapi
import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.exceptions import FastAPIDeprecationWarning, RequestValidationError
from fastapi.responses import JSONResponse, ORJSONResponse
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from starlette.exceptions import StarletteDeprecationWarning

from .app_client import AppClient


async def test_fa_01_on_event_beside_a_lifespan_never_runs() -> None:
    """Believed: on_event("startup") runs beside lifespan=. Now: it is silently dropped; start in the lifespan."""
    started: list[str] = []

    async def warm_cache() -> None:
        started.append("cache")

    @asynccontextmanager
    async def database_only(app: FastAPI) -> AsyncIterator[None]:
        started.append("database")
        yield

    wrong = FastAPI(lifespan=database_only)
    with pytest.warns(DeprecationWarning, match="on_event is deprecated"):
        wrong.on_event("startup")(warm_cache)
    async with wrong.router.lifespan_context(wrong):
        assert started == ["database"]

    started.clear()

    @asynccontextmanager
    async def both(app: FastAPI) -> AsyncIterator[None]:
        started.append("database")
        await warm_cache()
        yield

    right = FastAPI(lifespan=both)
    async with right.router.lifespan_context(right):
        assert started == ["database", "cache"]


def test_fa_02_a_loop_over_app_routes_misses_included_routers() -> None:
    """Believed: app.routes lists every route. Now: it is a tree; use iter_route_contexts or the id function.

    Since FastAPI 0.137.
    """
    users = APIRouter(prefix="/users")

    @users.get("/me")
    def read_me() -> str:
        return "me"

    looped = FastAPI()
    looped.include_router(users)
    for route in looped.routes:
        if isinstance(route, APIRoute):
            route.operation_id = route.name
    assert not any(isinstance(route, APIRoute) for route in looped.routes)
    assert looped.openapi()["paths"]["/users/me"]["get"]["operationId"] == "read_me_users_me_get"

    named = FastAPI(generate_unique_id_function=lambda route: route.name)
    named.include_router(users)
    assert named.openapi()["paths"]["/users/me"]["get"]["operationId"] == "read_me"
    assert "/users/me" in [context.path for context in iter_route_contexts(named.routes)]


async def test_fa_03_orjson_response_warns_and_needs_orjson() -> None:
    """Believed: ORJSONResponse speeds up JSON. Now: deprecated, fails without orjson; declare the return type.

    Since FastAPI 0.131.
    """

    class Item(BaseModel):
        name: str

    app = FastAPI()

    @app.get("/wrong")
    def wrong():  # type: ignore[no-untyped-def] # the wrong way
        return ORJSONResponse({"name": "lamp"})

    @app.get("/right")
    def right() -> Item:
        return Item(name="lamp")

    async with AppClient(app) as client:
        with pytest.warns(FastAPIDeprecationWarning, match="ORJSONResponse is deprecated"):
            assert (await client.get("/wrong")).status_code == 500
        assert isinstance(client.crashes[0], AssertionError)
        assert str(client.crashes[0]) == "orjson must be installed to use ORJSONResponse"

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert (await client.get("/right")).json() == {"name": "lamp"}


async def test_fa_04_async_client_takes_a_transport_which_runs_no_lifespan() -> None:
    """Believed: AsyncClient(app=app) starts the app. Now: TypeError; ASGITransport, inside the app's lifespan.

    Since httpx 0.28.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.greeting = "hello"
        yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    def greet(request: Request) -> str:
        return str(request.app.state.greeting)

    with pytest.raises(TypeError, match="unexpected keyword argument 'app'"):
        httpx2.AsyncClient(app=app)  # type: ignore[call-arg] # the wrong way

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        with pytest.raises(AttributeError, match="'State' object has no attribute 'greeting'"):
            await client.get("/")
        async with app.router.lifespan_context(app):
            assert (await client.get("/")).json() == "hello"


@pytest.mark.parametrize("deprecated", ["fastapi", "starlette"])
def test_fa_05_an_error_filter_for_deprecation_warnings_misses_the_frameworks(deprecated: str) -> None:
    """Believed: -W error::DeprecationWarning finds all. Now: theirs are UserWarnings; filter with plain "error"."""

    def use_it() -> None:
        if deprecated == "fastapi":
            Query(regex="^a")
        else:
            _ = fastapi.status.HTTP_422_UNPROCESSABLE_ENTITY

    category = {"fastapi": FastAPIDeprecationWarning, "starlette": StarletteDeprecationWarning}[deprecated]
    assert issubclass(category, UserWarning)
    assert not issubclass(category, DeprecationWarning)

    with pytest.warns(category):  # noqa: PT031 - the filter is the subject
        warnings.simplefilter("error", DeprecationWarning)
        use_it()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(category):
            use_it()


def test_fa_05_with_an_error_filter_pytest_asyncio_wants_its_loop_scope(tmp_path: Path) -> None:
    """Believed: the filter is all it takes. Now: pytest-asyncio warns of an unset scope, and stops; set it."""
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n")
    settings = ["[pytest]", "filterwarnings = error"]
    outcomes = []
    for more in ([], ["asyncio_default_fixture_loop_scope = function"]):
        (tmp_path / "pytest.ini").write_text("\n".join(settings + more))
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        outcomes.append(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False))

    wrong, right = outcomes
    assert wrong.returncode != 0
    assert "asyncio_default_fixture_loop_scope" in wrong.stderr + wrong.stdout
    assert right.returncode == 0, right.stdout


async def test_fa_06_a_trailing_slash_redirects_to_whatever_host_the_client_names() -> None:
    """Believed: redirect_slashes is a convenience. Now: it sends to the Host header, over http; turn it off."""

    async def list_tasks() -> list[str]:
        return []

    wrong, right = FastAPI(), FastAPI(redirect_slashes=False)
    for app in (wrong, right):
        app.get("/tasks")(list_tasks)

    async with AppClient(wrong) as client:
        answer = await client.get("/tasks/", headers={"host": "evil.example"})
        assert (answer.status_code, answer.headers["location"]) == (307, "http://evil.example/tasks")
    async with AppClient(right) as client:
        assert (await client.get("/tasks/", headers={"host": "evil.example"})).status_code == 404


async def test_fa_07_the_transport_raises_what_a_server_answers_as_500() -> None:
    """Believed: a test sees the 500 that users see. Now: the exception; raise_app_exceptions=False answers it."""
    app = FastAPI()

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        with pytest.raises(ZeroDivisionError):
            await client.get("/broken")
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/broken")).status_code == 500


@pytest.mark.parametrize(("mode", "kept"), [("conditional_savepoint", []), ("create_savepoint", ["ada"])])
async def test_fa_08_a_rollback_in_the_app_takes_the_tests_own_rows(
    engine: AsyncEngine, mode: Literal["conditional_savepoint", "create_savepoint"], kept: list[str]
) -> None:
    """Believed: an outer transaction isolates a test. Now: the app's rollback ends it; join by create_savepoint."""
    insert = text("INSERT INTO users VALUES ('ada')")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE users (name text PRIMARY KEY)"))

    async with engine.connect() as connection:
        outer = await connection.begin()
        sessions = async_sessionmaker(connection, join_transaction_mode=mode)
        async with sessions() as of_the_test:
            await of_the_test.execute(insert)
            await of_the_test.commit()
        async with sessions() as of_the_app:
            with pytest.raises(IntegrityError):
                await of_the_app.execute(insert)
            await of_the_app.rollback()
        async with sessions() as of_the_test:
            assert list(await of_the_test.scalars(text("SELECT name FROM users"))) == kept
        if outer.is_active:
            await outer.rollback()


EVENT_LOOP = """
import asyncio, pytest

class Own(asyncio.SelectorEventLoop): ...

@pytest.fixture
def event_loop():
    loop = Own()
    yield loop
    loop.close()

async def test_loop():
    assert isinstance(asyncio.get_running_loop(), Own)
"""
LOOP_SCOPE = """
import asyncio, pytest

loops = set()

@pytest.mark.parametrize("number", [1, 2])
async def test_loop(number):
    loops.add(asyncio.get_running_loop())
    assert len(loops) == 1
"""


def test_fa_09_an_event_loop_fixture_is_ignored(tmp_path: Path) -> None:
    """Believed: a fixture `event_loop` sets the tests' loop. Now: ignored without a word; the loop_scope settings.

    Since pytest-asyncio 1.0.
    """

    def run(test: str, *settings: str) -> str:
        (tmp_path / "test_loop.py").write_text(test)
        (tmp_path / "pytest.ini").write_text("\n".join(["[pytest]", "asyncio_mode = auto", *settings]))
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", "."]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout

    assert "1 failed" in run(EVENT_LOOP)
    assert "1 failed, 1 passed" in run(LOOP_SCOPE)
    assert "2 passed" in run(LOOP_SCOPE, "asyncio_default_test_loop_scope = session")


def test_fa_10_operation_ids_by_route_name_collide() -> None:
    """Believed: a function's name is its operation id's. Now: two of one name collide; one name each."""

    def document(*names: str) -> dict[str, str]:
        app = FastAPI(generate_unique_id_function=lambda route: route.name)
        for prefix, name in zip(("/users", "/tasks"), names, strict=True):
            router = APIRouter(prefix=prefix)
            router.get("", name=name)(lambda: None)
            app.include_router(router)
        return {path: item["get"]["operationId"] for path, item in app.openapi()["paths"].items()}

    with pytest.warns(UserWarning, match="Duplicate Operation ID list_all"):
        assert document("list_all", "list_all") == {"/users": "list_all", "/tasks": "list_all"}
    assert document("list_users", "list_tasks") == {"/users": "list_users", "/tasks": "list_tasks"}


def test_fa_11_a_replaced_422_is_documented_as_before() -> None:
    """Believed: a handler changes the documented 422. Now: still HTTPValidationError; name it in responses=."""

    class Problem(BaseModel):
        detail: str

    def schema_of_422(app: FastAPI) -> str:
        async def read(number: int) -> None: ...

        app.add_exception_handler(RequestValidationError, lambda request, error: JSONResponse({"detail": "no"}, 422))
        app.get("/")(read)
        assert TestClient(app).get("/?number=x").json() == {"detail": "no"}
        content = app.openapi()["paths"]["/"]["get"]["responses"]["422"]["content"]["application/json"]
        return str(content["schema"]["$ref"]).rpartition("/")[2]

    assert schema_of_422(FastAPI()) == "HTTPValidationError"
    assert schema_of_422(FastAPI(responses={422: {"model": Problem}})) == "Problem"


def test_fa_12_full_collections_look_through_every_imported_library() -> None:
    """Believed: garbage collection is too quick to notice. Now: it walks all that was imported; freeze that once."""
    program = """
import gc
import fastapi, pydantic, sqlalchemy.ext.asyncio
app = fastapi.FastAPI()
print(len(gc.get_objects()))
gc.collect()
gc.freeze()
print(len(gc.get_objects()))
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    walked, walked_once_frozen = map(int, done.stdout.split())

    assert walked > 50_000
    assert walked_once_frozen < walked / 100


THREADS_END = """
import ctypes, sys, threading, time, weakref
import coverage, greenlet

measured = coverage.Coverage(data_file=None, config_file=False, concurrency=sys.argv[1:])
measured.start()
nothing = ctypes.cast(ctypes.pythonapi.PyErr_CheckSignals, ctypes.c_void_p)
add_pending_call = ctypes.pythonapi.Py_AddPendingCall
add_pending_call.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
ended = []

def another_ends_now(_):
    add_pending_call(nothing, None)  # what greenlet does then
    ended.append(True)

def work():
    globals()["watched"] = weakref.ref(greenlet.getcurrent(), another_ends_now)

thread = threading.Thread(target=work)
thread.start()
thread.join()
while not ended:
    time.sleep(0.01)  # a pending call that no one sees is seen after each sleep; a busy loop can miss it for ever
"""


def test_fa_13_coverage_of_greenlets_and_threads_hangs() -> None:
    """Believed: coverage of async SQLAlchemy wants greenlet and thread. Now: Python 3.11 hangs; greenlet alone."""

    # A traced function never begins within a pending call while another waits, until Python 3.12.
    hangs = sys.version_info < (3, 12)

    def ends(*concurrency: str, seconds: int = 60) -> bool:
        try:
            subprocess.run([sys.executable, "-c", THREADS_END, *concurrency], check=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    assert ends("greenlet")
    assert ends("greenlet", "thread", seconds=10 if hangs else 60) is not hangs
