# % if not service
# + """What runs as long as the application: the lifespan of a router runs inside the application's own."""
# +
# + import os
# + from collections.abc import AsyncIterator
# + from contextlib import asynccontextmanager
# +
# + from fastapi import APIRouter, FastAPI
# + from pydantic import SecretStr
# + from sqlalchemy.ext.asyncio import async_sessionmaker
# +
# + from app.core.database import DatabaseSettings, build_engine
# + from app.core.rate_limits import open_limiter
# + from app.core.telemetry import Telemetry
# % if database
# +
# +
# + @asynccontextmanager
# + async def open_database(app: FastAPI) -> AsyncIterator[None]:
# +     """Open the engine for `DATABASE_URL`, which may be as Neon prints it, pooled or not."""
# +     url = os.environ.get("DATABASE_URL")
# +     if not url:
# +         raise RuntimeError("DATABASE_URL is not set: it names the PostgreSQL database")
# +     engine = build_engine(url, DatabaseSettings())
# +     app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
# +     yield
# +     await engine.dispose()
# +
# +
# + database_router = APIRouter(lifespan=open_database)
# % endif
# % if rate_limit
# +
# +
# + @asynccontextmanager
# + async def keep_limiter(app: FastAPI) -> AsyncIterator[None]:
# +     """Count in the Valkey or Redis that `VALKEY_URL` names; without one, each process counts for itself."""
# +     url = os.environ.get("VALKEY_URL")
# +     async with open_limiter(SecretStr(url) if url else None) as app.state.limiter:
# +         yield
# +
# +
# + limiter_router = APIRouter(lifespan=keep_limiter)
# % endif
# % if telemetry
# +
# + # Without an endpoint there are no traces; `metrics=True` serves /metrics, to whoever asks.
# + telemetry = Telemetry(
# +     os.environ.get("OTEL_SERVICE_NAME", "app"), os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"), metrics=False
# + )
# % endif
# % endif
