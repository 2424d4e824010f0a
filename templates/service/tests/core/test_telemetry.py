"""Traces as a collector gets them, and metrics as Prometheus reads them."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from prometheus_client.parser import text_string_to_metric_families

from app import paths
from app.settings import API_PREFIX
from tests.collector import Collector, collector
from tests.service import ADA, NOBODYS_KEY, Service, run_service, settings_for

TRACE_ID, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SECRET = "hunter2-hunter2"


@pytest.fixture
def receiver() -> Iterator[Collector]:
    """A collector for one test."""
    with collector() as running:
        yield running


@pytest.fixture
async def measured(service: Service, database_url: str) -> AsyncIterator[Service]:
    """The service with metrics on."""
    async with run_service(settings_for(database_url, metrics=True)) as running:
        yield running


async def read_metrics(service: Service) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Read the metrics: name to labels and value."""
    response = await service.client.get("http://test/metrics")
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(response.raise_for_status().text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def attributes(span: Span) -> dict[str, str]:
    """A span's attributes that are text."""
    return {attribute.key: attribute.value.string_value for attribute in span.attributes}


async def test_a_request_is_a_span_with_its_statements_below(
    service: Service, database_url: str, receiver: Collector, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    async with run_service(settings_for(database_url, otel_exporter_otlp_endpoint=receiver.url)) as traced:
        account = await traced.new_account()
        headers = account.headers | {"traceparent": f"00-{TRACE_ID}-{CALLER}-01"}
        await traced.client.get(paths.ME, params={"token": SECRET}, headers=headers)

    spans = [span for span in receiver.spans if span.trace_id.hex() == TRACE_ID]
    (request,) = (span for span in spans if span.kind == Span.SPAN_KIND_SERVER)
    statements = [span for span in spans if span.kind == Span.SPAN_KIND_CLIENT]
    assert request.parent_span_id.hex() == CALLER
    assert attributes(request)["url.query"] == "token=REDACTED"
    assert {span.parent_span_id for span in statements} == {request.span_id}
    assert any("FROM users" in attributes(span)["db.statement"] for span in statements)
    assert {line.get("trace_id") for line in log_lines() if line.get("path") == f"{API_PREFIX}{paths.ME}"} == {TRACE_ID}
    assert SECRET not in str(receiver.spans)


# % if registration
async def test_a_refused_statement_is_marked_without_quoting_the_row(
    service: Service, database_url: str, receiver: Collector
) -> None:
    async with run_service(settings_for(database_url, otel_exporter_otlp_endpoint=receiver.url)) as traced:
        await traced.register(ADA)
        assert (await traced.register(ADA)).status_code == 409

    (refused,) = (span for span in receiver.spans if span.status.code == Status.STATUS_CODE_ERROR)
    assert refused.name == "INSERT"
    assert "UniqueViolationError" in str(refused.events)
    assert f"=({ADA})" not in str(receiver.spans)


# % endif
async def test_requests_are_counted_by_template_and_not_by_path(measured: Service) -> None:
    await measured.client.get(paths.ME)
    for number in range(20):
        await measured.client.get(f"/nowhere/{number}")
        await measured.client.request(f"INVENTED{number}", "/nowhere")
    expected = {("GET", f"{API_PREFIX}{paths.ME}", "401"): 1, ("GET", "", "404"): 20, ("_OTHER", "", "404"): 20}
    # % if example
    for _ in range(3):
        await measured.client.get(f"/tasks/{NOBODYS_KEY}")
    expected |= {("GET", f"{API_PREFIX}/tasks/{{task_id}}", "401"): 3}
    # % endif

    metrics = await read_metrics(measured)

    counted = ("http_request_method", "http_route", "http_response_status_code")
    counts = metrics["http_server_request_duration_seconds_count"]
    assert {tuple(labels[label] for label in counted): value for labels, value in counts} == expected


async def test_the_pool_is_counted(measured: Service) -> None:
    async with measured.resources.engine.connect():
        metrics = await read_metrics(measured)

    assert {labels["state"]: value for labels, value in metrics["db_client_connection_count"]} == {"used": 1, "idle": 0}
    assert metrics["db_client_connection_max"] == [({}, 15)]


async def test_off_by_default(service: Service, log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    response = await service.client.get("http://test/metrics", headers={"traceparent": f"00-{TRACE_ID}-{CALLER}-01"})

    assert response.status_code == 404
    assert "trace_id" not in log_lines()[0]


async def test_a_collector_that_is_away_costs_no_request(service: Service, database_url: str) -> None:
    settings = settings_for(database_url, otel_exporter_otlp_endpoint="http://127.0.0.1:9")

    async with run_service(settings) as traced:
        response = await traced.client.get("http://test/health/ready")

    assert response.status_code == 200
