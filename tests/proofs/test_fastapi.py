"""Gotchas of the skill `fastapi`."""

import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import fastapi
import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.exceptions import FastAPIDeprecationWarning
from fastapi.responses import ORJSONResponse
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
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
    """Believed: app.routes lists every route. Now: it is a tree; use iter_route_contexts or the id function."""
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
    """Believed: ORJSONResponse speeds up JSON. Now: deprecated, fails without orjson; declare the return type."""

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
    """Believed: AsyncClient(app=app) starts the app. Now: TypeError; ASGITransport, inside the app's lifespan."""

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
