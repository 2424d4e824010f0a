"""Traces and metrics (OpenTelemetry), both off until a setting turns them on.

FastAPI itself makes a span of each request and measures it, named by the template of its path, so that an unknown path
makes no series of its own. What this adds is where that goes, the statements below each request, and the pool.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, cast

from anyio import to_thread
from fastapi import APIRouter, Header, Response
from fastapi.telemetry import TelemetryConfig
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool
from starlette.types import Scope

from app.core.span_exporter import DiscreetSpanExporter
from app.settings import Settings

METRICS_PATH = "/metrics"
EXPORT_SECONDS = 3  # that the end of the process waits for a collector that is away
PROBES = {"/health/live", METRICS_PATH}  # asked every few seconds, and nobody wants to read of it


class Telemetry:
    """What one application tells of itself.

    Attributes:
        config: what FastAPI is to trace and measure.
        router: serves the metrics, where they are on.
    """

    def __init__(self, settings: Settings) -> None:
        """Prepare both; nothing is sent, nor a thread started, before `watch`."""
        resource = Resource.create({"service.name": settings.app_name})
        registry = CollectorRegistry()
        reader = PrometheusMetricReader(registry=registry, scope_info_enabled=False)
        self._settings = settings
        self._tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._meters = MeterProvider(resource=resource, metric_readers=[reader], shutdown_on_exit=False)
        self.config = TelemetryConfig(
            tracing=settings.otel_exporter_otlp_endpoint is not None,
            tracer_provider=self._tracers,
            metrics=settings.metrics,
            meter_provider=self._meters,
            logs=False,  # they carry messages and stack traces of exceptions, which may quote what was sent
            operation_spans=False,  # three more spans a request, for dependencies, the route and its serialisation
            auto_configure=False,  # FastAPI's own exporters, which send spans as they are
            exclude=_is_probe,
        )
        self.router = _metrics_router(registry) if settings.metrics else APIRouter()

    @asynccontextmanager
    async def watch(self, engine: AsyncEngine) -> AsyncIterator[None]:
        """Trace the statements of asyncpg and count the engine's connections, as far as the settings want it."""
        if self._settings.metrics:
            self._count_connections(engine)
        endpoint = self._settings.otel_exporter_otlp_endpoint
        if endpoint is None:
            yield
            return
        exporter = DiscreetSpanExporter(f"{str(endpoint).rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
        self._tracers.add_span_processor(BatchSpanProcessor(exporter))
        statements = AsyncPGInstrumentor()  # type: ignore[no-untyped-call]
        statements.instrument(tracer_provider=self._tracers)
        try:
            yield
        finally:
            statements.uninstrument()
            await to_thread.run_sync(self._tracers.shutdown)  # sends what is left

    def _count_connections(self, engine: AsyncEngine) -> None:
        pool = cast("QueuePool", engine.pool)
        most = self._settings.database_pool_size + self._settings.database_pool_overflow

        def count(_options: CallbackOptions) -> list[Observation]:
            used, idle = pool.checkedout(), pool.checkedin()
            return [Observation(number, {"state": state}) for state, number in [("used", used), ("idle", idle)]]

        meter = self._meters.get_meter(__name__)
        meter.create_observable_gauge("db.client.connection.count", [count], description="Connections of the pool.")
        meter.create_observable_gauge(
            "db.client.connection.max", [lambda _options: [Observation(most)]], description="Most that the pool opens."
        )


def _is_probe(scope: Scope) -> bool:
    return scope["path"] in PROBES


def _metrics_router(registry: CollectorRegistry) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(METRICS_PATH)
    async def read_metrics(accept: Annotated[str, Header()] = "") -> Response:
        encode, media_type = choose_encoder(accept)
        return Response(encode(registry), media_type=media_type)

    return router
