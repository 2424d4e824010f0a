"""The application: settings in, a FastAPI application out. Nothing is opened before the lifespan starts."""

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from anyio import to_thread
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.core.body_limit import BodyLimitMiddleware
from app.core.compression import CompressionMiddleware
from app.core.database import build_engine, reach_database
from app.core.discovery import find_routers
from app.core.health import health_router
from app.core.local_postgres import local_postgres
from app.core.logs import configure_logging
from app.core.migrations import upgrade_database
from app.core.openapi import describe_problems
from app.core.passwords import PasswordHasher
from app.core.pool_metrics import count_connections
from app.core.problems import add_problem_handlers
from app.core.rate_limits import open_limiter
from app.core.request_log import HEADER as REQUEST_ID_HEADER
from app.core.request_log import RequestLogMiddleware
from app.core.resources import Resources
from app.core.security_headers import SecurityHeadersMiddleware
from app.core.telemetry import Telemetry
from app.core.tokens import AccessTokens
from app.core.unexpected_errors import UnexpectedErrorMiddleware
from app.settings import API_PREFIX, Settings

# % if cors
CORS_REQUEST_HEADERS = [
    "Authorization",
    "Content-Type",
    REQUEST_ID_HEADER,
    # % if idempotency
    "Idempotency-Key",
    # % endif
    # % if example or resources
    "If-Match",
    "If-None-Match",
    # % endif
]
CORS_RESPONSE_HEADERS = ["ETag", "Location", "Retry-After", "WWW-Authenticate", REQUEST_ID_HEADER]
# % endif


@asynccontextmanager
async def open_resources(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    """Open what the application holds while it runs, the database first; close it in the opposite order."""
    async with AsyncExitStack() as stack:
        if settings.database_url is not None and settings.direct_url is not None:
            database_url = settings.database_url.get_secret_value()
            direct_url = settings.direct_url.get_secret_value()
        else:
            database_url = direct_url = stack.enter_context(local_postgres(settings.data_directory))
        if settings.migrate_at_start or settings.database_url is None:
            await to_thread.run_sync(upgrade_database, direct_url)
        engine = build_engine(database_url, settings)
        stack.push_async_callback(engine.dispose)
        # % if rate_limit
        app.state.limiter = await stack.enter_async_context(open_limiter(settings.valkey_url))
        # % endif
        app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
        app.state.resources = Resources(
            settings=settings,
            engine=engine,
            sessions=app.state.sessions,
            passwords=PasswordHasher(),
            tokens=AccessTokens(
                settings.jwt_secret.get_secret_value(),
                lifetime=timedelta(minutes=settings.access_token_minutes),
                service=settings.app_name,
            ),
        )
        yield


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application.

    Args:
        settings: in place of those from the environment, for tests.
    """
    settings = settings or Settings()
    configure_logging(settings.log_level)
    # % if telemetry
    telemetry = Telemetry(settings.app_name, settings.otel_exporter_otlp_endpoint, metrics=settings.metrics)
    # % endif

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_resources(app, settings):
            # % if telemetry
            count_connections(telemetry.meter, app.state.resources.engine, settings)
            # % endif
            yield

    app = FastAPI(
        title=settings.app_name,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        redirect_slashes=False,  # it would send tokens to whatever host the request names, over plain http
        # % if telemetry
        telemetry=telemetry.config,
        # % endif
    )
    for router in find_routers():
        app.include_router(router, prefix=API_PREFIX)
    app.include_router(health_router(reach_database))
    # % if telemetry
    app.include_router(telemetry.router)
    # % endif
    add_problem_handlers(app)
    describe_problems(app)
    add_middleware(app, settings)
    return app


def create_served_app() -> FastAPI:
    """Build the application of a process that serves it to its end."""
    app = create_app()
    gc.collect()
    gc.freeze()  # what is there now stays: every full collection would stop all requests to look through it again
    return app


def add_middleware(app: FastAPI, settings: Settings) -> None:
    """Wrap the application, from the inside out: the one added last sees the request first."""
    app.add_middleware(BodyLimitMiddleware, max_bytes=settings.max_body_bytes)
    app.add_middleware(UnexpectedErrorMiddleware)
    # % if compression
    app.add_middleware(CompressionMiddleware)
    # % endif
    # % if security_headers
    app.add_middleware(SecurityHeadersMiddleware)
    # % endif
    # % if cors
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
        allow_headers=CORS_REQUEST_HEADERS,
        expose_headers=CORS_RESPONSE_HEADERS,
    )
    # % endif
    app.add_middleware(RequestLogMiddleware, routes=app.routes)
