"""Gotchas of the skill `backend-middleware`."""

from contextvars import ContextVar

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .app_client import AppClient

FRIEND = {"origin": "https://app.example.com"}
STRANGER = {"origin": "https://evil.example"}
ALLOWED = "access-control-allow-origin"


class RefuseAll(BaseHTTPMiddleware):
    """Stands for any middleware that answers by itself, as authentication does."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        return JSONResponse({"detail": "Not authenticated"}, 401)


async def test_mw_01_cors_for_all_with_credentials_lets_every_origin_in() -> None:
    """Believed: browsers refuse ["*"] with credentials. Now: Starlette reflects any origin; list yours."""
    wrong, right = FastAPI(), FastAPI()
    wrong.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
    right.add_middleware(CORSMiddleware, allow_origins=[FRIEND["origin"]], allow_credentials=True)
    for app in (wrong, right):
        app.get("/")(lambda: "secret")

    async with AppClient(wrong) as client:
        response = await client.get("/", headers=STRANGER)
        assert response.headers[ALLOWED] == STRANGER["origin"]
        assert response.headers["access-control-allow-credentials"] == "true"
    async with AppClient(right) as client:
        assert ALLOWED not in (await client.get("/", headers=STRANGER)).headers
        assert (await client.get("/", headers=FRIEND)).headers[ALLOWED] == FRIEND["origin"]


async def test_mw_02_an_unhandled_500_has_no_cors_headers() -> None:
    """Believed: a handler for Exception is inside CORS. Now: it sits outside; catch in an ASGI layer inside."""

    async def crash() -> None:
        raise RuntimeError("boom")

    async def answer(request: Request, error: Exception) -> Response:
        return JSONResponse({"detail": "Internal Server Error"}, 500)

    class CatchUnexpected:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            started = False

            async def watched(message: Message) -> None:
                nonlocal started
                started = True
                await send(message)

            try:
                await self.app(scope, receive, watched)
            except Exception as error:
                if started or scope["type"] != "http":
                    raise
                await (await answer(Request(scope), error))(scope, receive, send)

    wrong, right = FastAPI(), FastAPI()
    wrong.add_exception_handler(Exception, answer)
    right.add_middleware(CatchUnexpected)
    for app in (wrong, right):
        app.add_middleware(CORSMiddleware, allow_origins=[FRIEND["origin"]])
        app.get("/")(crash)

    async with AppClient(wrong) as client:
        response = await client.get("/", headers=FRIEND)
        assert response.status_code == 500
        assert ALLOWED not in response.headers
    async with AppClient(right) as client:
        response = await client.get("/", headers=FRIEND)
        assert response.status_code == 500
        assert response.headers[ALLOWED] == FRIEND["origin"]


async def test_mw_03_an_http_exception_in_base_http_middleware_is_a_500() -> None:
    """Believed: middleware may raise HTTPException(401). Now: nothing there handles it, a 500; return, or Depends."""

    class RaiseUnauthorized(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
            raise HTTPException(401)

    async def require_user() -> None:
        raise HTTPException(401)

    raising, returning, depending = FastAPI(), FastAPI(), FastAPI(dependencies=[Depends(require_user)])
    raising.add_middleware(RaiseUnauthorized)
    returning.add_middleware(RefuseAll)
    for app, status in [(raising, 500), (returning, 401), (depending, 401)]:
        app.get("/")(lambda: "secret")
        async with AppClient(app) as client:
            assert (await client.get("/")).status_code == status
            assert [type(crash) for crash in client.crashes] == ([HTTPException] if status == 500 else [])


async def test_mw_04_base_http_middleware_does_not_see_the_endpoints_context() -> None:
    """Believed: a contextvar set in an endpoint reaches BaseHTTPMiddleware. Now: never; request.state, or pure ASGI."""
    user: ContextVar[str] = ContextVar("user", default="nobody")
    seen: dict[str, str] = {}

    class Base(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
            response = await call_next(request)
            seen["context variable in BaseHTTPMiddleware"] = user.get()
            seen["request.state in BaseHTTPMiddleware"] = request.state.user
            return response

    class PureASGI:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)
            seen["context variable in pure ASGI"] = user.get()

    app = FastAPI()
    app.add_middleware(PureASGI)  # the inner one: outside of the other nothing would reach it either
    app.add_middleware(Base)

    @app.get("/")
    async def read(request: Request) -> None:
        user.set("Ada")
        request.state.user = "Ada"

    async with AppClient(app) as client:
        await client.get("/")
    assert seen == {
        "context variable in BaseHTTPMiddleware": "nobody",
        "request.state in BaseHTTPMiddleware": "Ada",
        "context variable in pure ASGI": "Ada",
    }


async def test_mw_05_middleware_added_last_runs_first() -> None:
    """Believed: middleware runs in the order it is added. Now: the last is outermost; add CORS last."""
    wrong, right = FastAPI(), FastAPI()
    wrong.add_middleware(CORSMiddleware, allow_origins=[FRIEND["origin"]])
    wrong.add_middleware(RefuseAll)
    right.add_middleware(RefuseAll)
    right.add_middleware(CORSMiddleware, allow_origins=[FRIEND["origin"]])

    async with AppClient(wrong) as client:
        response = await client.get("/", headers=FRIEND)
        assert response.status_code == 401
        assert ALLOWED not in response.headers
    async with AppClient(right) as client:
        response = await client.get("/", headers=FRIEND)
        assert response.status_code == 401
        assert response.headers[ALLOWED] == FRIEND["origin"]
