"""Sends spans to a collector (OTLP over HTTP), without what could be a secret or name a person."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import Status

REDACTED = "REDACTED"
# PostgreSQL's messages quote the row: `Key (email)=(ada@example.com) already exists.`
QUOTING = {"exception.message", "exception.stacktrace"}


class DiscreetSpanExporter(OTLPSpanExporter):
    """Keeps the names of query parameters and the types of exceptions; their values and messages stay here."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send the spans, each as a copy that says less."""
        return super().export([discreet(span) for span in spans])


def discreet(span: ReadableSpan) -> ReadableSpan:
    """Copy a span that has ended, without the values of its query and the messages of its exceptions."""
    attributes = dict(span.attributes or {})
    if "url.query" in attributes:
        names = [name for name, _ in parse_qsl(str(attributes["url.query"]), keep_blank_values=True)]
        attributes["url.query"] = urlencode(dict.fromkeys(names, REDACTED))
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=[_without_quotes(event) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _without_quotes(event: Event) -> Event:
    attributes = {name: value for name, value in (event.attributes or {}).items() if name not in QUOTING}
    return Event(event.name, attributes, event.timestamp)
