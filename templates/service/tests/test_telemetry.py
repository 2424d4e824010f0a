"""What the service tells of itself, down to the SQL; the rest is tried in `tests/core/test_telemetry.py`."""

from collections.abc import Callable
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from prometheus_client.parser import text_string_to_metric_families

from app import paths
from app.settings import API_PREFIX
from tests.core.collector import collector
from tests.service import ADA, Service, run_service, settings_for

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def text_of(span: Span, name: str) -> str:
    """An attribute of a span that is text."""
    return next(str(attribute.value.string_value) for attribute in span.attributes if attribute.key == name)


async def test_a_request_is_a_span_with_its_statements_below(
    service: Service, database_url: str, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    with collector() as receiver:
        async with run_service(settings_for(database_url, otel_exporter_otlp_endpoint=receiver.url)) as traced:
            account = await traced.new_account()
            headers = account.headers | {"traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01"}
            await traced.client.get(paths.ME, headers=headers)

    spans = [span for span in receiver.spans if span.trace_id.hex() == TRACE_ID]
    (request,) = (span for span in spans if span.kind == Span.SPAN_KIND_SERVER)
    statements = [span for span in spans if span.kind == Span.SPAN_KIND_CLIENT]
    assert {span.parent_span_id for span in statements} == {request.span_id}
    assert any("FROM users" in text_of(span, "db.statement") for span in statements)
    assert {line.get("trace_id") for line in log_lines() if line.get("path") == f"{API_PREFIX}{paths.ME}"} == {TRACE_ID}


# % if registration
async def test_a_refused_statement_is_marked_without_quoting_the_row(service: Service, database_url: str) -> None:
    with collector() as receiver:
        async with run_service(settings_for(database_url, otel_exporter_otlp_endpoint=receiver.url)) as traced:
            await traced.register(ADA)
            assert (await traced.register(ADA)).status_code == 409

    (refused,) = (span for span in receiver.spans if span.status.code == Status.STATUS_CODE_ERROR)
    assert refused.name == "INSERT"
    assert "UniqueViolationError" in str(refused.events)
    assert f"=({ADA})" not in str(receiver.spans)


# % endif
async def test_the_pool_is_counted(service: Service, database_url: str) -> None:
    async with run_service(settings_for(database_url, metrics=True)) as measured, measured.resources.engine.connect():
        text = (await measured.client.get("http://test/metrics")).raise_for_status().text

    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert values["db_client_connection_count", "used"] == 1
    assert values["db_client_connection_count", "idle"] == 0
    assert values["db_client_connection_max",] == 15
