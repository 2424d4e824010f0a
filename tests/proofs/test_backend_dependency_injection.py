"""Gotchas of the skill `backend-dependency-injection`."""

import threading
from collections.abc import AsyncIterable, AsyncIterator
from itertools import count
from typing import Annotated, Literal

import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.exceptions import DependencyScopeError, FastAPIError
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from .app_client import AppClient


async def test_di_01_one_dependency_with_two_scopes_runs_twice() -> None:
    """Believed: a dependency runs once a request. Now: once for each scope, two sessions; one alias everywhere.

    Since FastAPI 0.121.
    """
    numbers = count(1)

    async def get_session() -> AsyncIterator[int]:
        yield next(numbers)

    SessionDep = Annotated[int, Depends(get_session, scope="function")]  # noqa: N806 - an alias of a type

    async def user_by_default_scope(session: Annotated[int, Depends(get_session)]) -> int:
        return session

    async def user_by_alias(session: SessionDep) -> int:
        return session

    app = FastAPI()

    @app.get("/wrong")
    async def wrong(user: Annotated[int, Depends(user_by_default_scope)], session: SessionDep) -> list[int]:
        return [user, session]

    @app.get("/right")
    async def right(user: Annotated[int, Depends(user_by_alias)], session: SessionDep) -> list[int]:
        return [user, session]

    async with AppClient(app) as client:
        assert (await client.get("/wrong")).json() == [1, 2]
        assert (await client.get("/right")).json() == [3, 3]


async def test_di_02_an_override_with_another_key_is_ignored() -> None:
    """Believed: override the alias or a twin. Now: silently ignored; the key is the function inside Depends."""

    def get_settings() -> str:
        return "production"

    def twin() -> str:
        return get_settings()

    def settings_of_the_test() -> str:
        return "test"

    SettingsDep = Annotated[str, Depends(get_settings)]  # noqa: N806 - an alias of a type
    app = FastAPI()

    @app.get("/")
    def read(settings: SettingsDep) -> str:
        return settings

    async with AppClient(app) as client:
        app.dependency_overrides[SettingsDep] = settings_of_the_test
        app.dependency_overrides[twin] = settings_of_the_test
        assert (await client.get("/")).json() == "production"

        app.dependency_overrides[get_settings] = settings_of_the_test
        assert (await client.get("/")).json() == "test"


@pytest.mark.parametrize(
    ("scope", "crash", "message"),
    [
        ("request", FastAPIError, "Response not awaited"),
        ("function", UnboundLocalError, "cannot access local variable 'response'"),
    ],
)
async def test_di_03_a_swallowed_exception_is_a_500(
    scope: Literal["function", "request"], crash: type[Exception], message: str
) -> None:
    """Believed: `except Exception: pass` around yield is harmless. Now: a 404 becomes a 500; raise again."""
    cleaned_up: list[str] = []

    async def swallowing() -> AsyncIterator[None]:
        try:
            yield
        except Exception:
            cleaned_up.append("wrong")

    async def raising_again() -> AsyncIterator[None]:
        try:
            yield
        except Exception:
            cleaned_up.append("right")
            raise

    app = FastAPI()

    async def read() -> None:
        raise HTTPException(404)

    app.get("/wrong", dependencies=[Depends(swallowing, scope=scope)])(read)
    app.get("/right", dependencies=[Depends(raising_again, scope=scope)])(read)

    async with AppClient(app) as client:
        assert (await client.get("/wrong")).status_code == 500
        assert type(client.crashes[0]) is crash
        assert message in str(client.crashes[0])
        assert (await client.get("/right")).status_code == 404
    assert cleaned_up == ["wrong", "right"]


async def test_di_04_a_request_scoped_generator_cannot_use_a_function_scoped_one() -> None:
    """Believed: scopes mix freely. Now: DependencyScopeError when the route is declared; give both one scope.

    Since FastAPI 0.121.
    """

    async def get_session() -> AsyncIterator[str]:
        yield "session"

    SessionDep = Annotated[str, Depends(get_session, scope="function")]  # noqa: N806 - an alias of a type

    async def get_unit_of_work(session: SessionDep) -> AsyncIterator[str]:
        yield f"unit on a {session}"

    app = FastAPI()
    with pytest.raises(DependencyScopeError, match='cannot depend on dependencies with scope "function"'):

        @app.get("/wrong")
        async def wrong(unit: Annotated[str, Depends(get_unit_of_work)]) -> str:
            return unit

    @app.get("/right")
    async def right(unit: Annotated[str, Depends(get_unit_of_work, scope="function")]) -> str:
        return unit

    async with AppClient(app) as client:
        assert (await client.get("/right")).json() == "unit on a session"


async def test_di_05_a_plain_function_runs_in_a_thread() -> None:
    """Believed: a `def` dependency without I/O is just called. Now: in the thread pool, as is a class; async def."""

    def plain() -> int:
        return threading.get_ident()

    class Made:
        def __init__(self) -> None:
            self.thread = threading.get_ident()

    async def coroutine() -> int:
        return threading.get_ident()

    async def made() -> Made:
        return Made()

    app = FastAPI()

    @app.get("/wrong")
    async def wrong(function: Annotated[int, Depends(plain)], thing: Annotated[Made, Depends()]) -> list[int]:
        return [function, thing.thread]

    @app.get("/right")
    async def right(function: Annotated[int, Depends(coroutine)], thing: Annotated[Made, Depends(made)]) -> list[int]:
        return [function, thing.thread]

    here = threading.get_ident()
    async with AppClient(app) as client:
        assert here not in (await client.get("/wrong")).json()
        assert (await client.get("/right")).json() == [here, here]


@pytest.mark.parametrize(("scope", "held"), [("request", 1), ("function", 0)])
async def test_di_06_a_background_task_holds_the_requests_connection(
    engine: AsyncEngine, scope: Literal["request", "function"], held: int
) -> None:
    """Believed: a task runs when the request is over. Now: its session is still open, a connection each; by scope.

    Since FastAPI 0.118.
    """
    connections: list[int] = []
    pool = engine.pool

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session, session.begin():
            yield session

    async def slow_task() -> None:
        connections.append(pool.checkedout())  # type: ignore[attr-defined] # QueuePool has it

    app = FastAPI()

    @app.post("/")
    async def start(
        session: Annotated[AsyncSession, Depends(get_session, scope=scope)], later: BackgroundTasks
    ) -> None:
        await session.execute(text("SELECT 1"))
        later.add_task(slow_task)

    async with AppClient(app) as client:
        await client.post("/")
    assert connections == [held]


async def test_di_07_a_stream_uses_the_session_after_it_was_closed(engine: AsyncEngine) -> None:
    """Believed: the body is sent inside the dependency. Now: after it, by a new connection nobody returns; own one.

    Since FastAPI 0.118.
    """

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session
            await session.commit()

    app = FastAPI()
    rows = text("SELECT generate_series(1, 3)")
    sessions: list[AsyncSession] = []

    @app.get("/wrong")
    async def wrong(session: Annotated[AsyncSession, Depends(get_session, scope="function")]) -> StreamingResponse:
        async def lines() -> AsyncIterable[str]:
            for row in await session.scalars(rows):
                yield f"{row}\n"

        sessions.append(session)
        return StreamingResponse(lines())

    @app.get("/right")
    async def right() -> StreamingResponse:
        async def lines() -> AsyncIterable[str]:
            async with AsyncSession(engine) as session:
                for row in await session.scalars(rows):
                    yield f"{row}\n"

        return StreamingResponse(lines())

    async with AppClient(app) as client:
        for path, left in [("/right", 0), ("/wrong", 1)]:
            assert (await client.get(path)).text == "1\n2\n3\n"
            assert engine.pool.checkedout() == left  # type: ignore[attr-defined] # QueuePool has it
    await sessions[0].close()


async def test_di_08_what_lies_below_a_cached_dependency_is_solved_again() -> None:
    """Believed: a cached dependency costs once. Now: what is below it is solved at each mention; keep it flat."""
    validated: list[str] = []
    called: list[str] = []

    def note(value: str) -> str:
        validated.append(value)
        return value

    async def get_tenant(tenant: Annotated[str, AfterValidator(note)]) -> str:
        called.append(tenant)
        return tenant

    TenantDep = Annotated[str, Depends(get_tenant)]  # noqa: N806 - an alias, as at the top of a module

    async def get_users(tenant: TenantDep) -> str:
        return f"users of {tenant}"

    async def get_orders(tenant: TenantDep) -> str:
        return f"orders of {tenant}"

    app = FastAPI()

    @app.get("/deep")
    async def deep(
        tenant: TenantDep, users: Annotated[str, Depends(get_users)], orders: Annotated[str, Depends(get_orders)]
    ) -> list[str]:
        return [users, orders]

    @app.get("/flat")
    async def flat(tenant: TenantDep) -> list[str]:
        return [f"users of {tenant}", f"orders of {tenant}"]

    async with AppClient(app) as client:
        assert (await client.get("/deep?tenant=acme")).json() == ["users of acme", "orders of acme"]
        assert (len(called), len(validated)) == (1, 3)

        validated.clear()
        assert (await client.get("/flat?tenant=acme")).json() == ["users of acme", "orders of acme"]
        assert len(validated) == 1
