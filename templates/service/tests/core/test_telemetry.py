"""Traces as a collector gets them, and metrics as Prometheus reads them."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from prometheus_client.parser import text_string_to_metric_families

from app.core.telemetry import Telemetry
from tests.core.collector import Collector, collector

TRACE_ID, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SECRET = "hunter2-hunter2"


@pytest.fixture
def receiver() -> Iterator[Collector]:
    """A collector for one test."""
    with collector() as running:
        yield running


def watched(endpoint: str | None = None, *, metrics: bool = False) -> TestClient:
    """Give a client of an application that is watched."""
    telemetry = Telemetry("shop", endpoint, metrics=metrics)
    app = FastAPI(telemetry=telemetry.config)
    app.include_router(telemetry.router)

    @app.get("/things/{thing_id}")
    async def read_thing(thing_id: int) -> int:
        return thing_id

    @app.get("/fault")
    async def fail() -> None:
        raise LookupError(SECRET)

    return TestClient(app, raise_server_exceptions=False)


def attributes(span: Span) -> dict[str, str]:
    """A span's attributes that are text."""
    return {attribute.key: attribute.value.string_value for attribute in span.attributes}


def test_a_request_is_a_span_of_its_caller_s_trace(receiver: Collector) -> None:
    with watched(receiver.url) as client:
        headers = {"traceparent": f"00-{TRACE_ID}-{CALLER}-01"}
        client.get("/things/7", params={"token": SECRET}, headers=headers)

    (span,) = receiver.spans
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE_ID, CALLER)
    assert span.name == "GET /things/{thing_id}"
    assert attributes(span)["url.query"] == "token=REDACTED"
    assert SECRET not in str(receiver.spans)


def test_a_failure_is_marked_without_its_message(receiver: Collector) -> None:
    with watched(receiver.url) as client:
        client.get("/fault")

    (span,) = receiver.spans
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert "LookupError" in str(span)
    assert SECRET not in str(span)


def test_requests_are_counted_by_template_and_not_by_path() -> None:
    with watched(metrics=True) as client:
        for number in range(20):
            client.get(f"/things/{number}")
            client.get(f"/nowhere/{number}")
            client.request(f"INVENTED{number}", "/nowhere")
        text = client.get("/metrics").raise_for_status().text

    counted = ("http_request_method", "http_route", "http_response_status_code")
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    counts = [sample for sample in samples if sample.name == "http_server_request_duration_seconds_count"]
    assert {tuple(sample.labels[label] for label in counted): sample.value for sample in counts} == {
        ("GET", "/things/{thing_id}", "200"): 20,
        ("GET", "", "404"): 20,
        ("_OTHER", "", "404"): 20,
    }


def test_off_unless_it_is_wanted() -> None:
    with watched() as client:
        assert client.get("/metrics").status_code == 404
        assert client.get("/things/7").status_code == 200


def test_a_collector_that_is_away_costs_no_request() -> None:
    with watched("http://127.0.0.1:9") as client:
        assert client.get("/things/7").status_code == 200
