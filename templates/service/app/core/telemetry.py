"""Traces and metrics (OpenTelemetry), both off until a setting turns them on.

FastAPI itself makes a span of each request and measures it, named by the template of its path, so that an unknown path
makes no series of its own. What this adds is where that goes, the statements below each request.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Header, Response
from fastapi.telemetry import TelemetryConfig
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from pydantic import HttpUrl
from starlette.types import Scope

from app.core.span_exporter import DiscreetSpanExporter

METRICS_PATH = "/metrics"
EXPORT_SECONDS = 3  # that the end of the process waits for a collector that is away
PROBES = {"/health/live", METRICS_PATH}  # asked every few seconds, and nobody wants to read of it


class Telemetry:
    """What one application tells of itself.

    Attributes:
        config: what FastAPI is to trace and measure.
        meter: makes further metrics.
        router: serves the metrics, where they are on; an application that includes it is watched while it runs.
    """

    def __init__(self, service: str, endpoint: HttpUrl | str | None, *, metrics: bool) -> None:
        """Prepare both; nothing is sent, nor a thread started, before the application starts.

        Args:
            service: its name.
            endpoint: of the collector of traces; without one, there are none.
            metrics: whether there are any.
        """
        resource = Resource.create({"service.name": service})
        registry = CollectorRegistry()
        reader = PrometheusMetricReader(registry=registry, scope_info_enabled=False)
        self._endpoint = endpoint
        self._tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        meters = MeterProvider(resource=resource, metric_readers=[reader], shutdown_on_exit=False)
        self.meter: Meter = meters.get_meter(__name__)
        self.config = TelemetryConfig(
            tracing=endpoint is not None,
            tracer_provider=self._tracers,
            metrics=metrics,
            meter_provider=meters,
            logs=False,  # they carry messages and stack traces of exceptions, which may quote what was sent
            operation_spans=False,  # three more spans a request, for dependencies, the route and its serialisation
            auto_configure=False,  # FastAPI's own exporters, which send spans as they are
            exclude=_is_probe,
        )
        # A router's lifespan runs inside the application's.
        self.router = APIRouter(include_in_schema=False, lifespan=self._watch)
        if metrics:
            self.router.add_api_route(METRICS_PATH, _reader(registry))

    @asynccontextmanager
    async def _watch(self, _app: FastAPI) -> AsyncIterator[None]:
        """Send traces, those of asyncpg's statements too, until the application stops."""
        if self._endpoint is None:
            yield
            return
        exporter = DiscreetSpanExporter(f"{str(self._endpoint).rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
        self._tracers.add_span_processor(BatchSpanProcessor(exporter))
        # % if database
        statements = AsyncPGInstrumentor()  # type: ignore[no-untyped-call]
        statements.instrument(tracer_provider=self._tracers)
        # % endif
        try:
            yield
        finally:
            # % if database
            statements.uninstrument()
            # % endif
            await to_thread.run_sync(self._tracers.shutdown)  # sends what is left


def _is_probe(scope: Scope) -> bool:
    return scope["path"] in PROBES


def _reader(registry: CollectorRegistry) -> Callable[[str], Coroutine[None, None, Response]]:
    async def read_metrics(accept: Annotated[str, Header()] = "") -> Response:
        encode, media_type = choose_encoder(accept)
        return Response(encode(registry), media_type=media_type)

    return read_metrics
