"""Bad input for every operation that the OpenAPI document names: a new route is covered without a new test.

Whatever is sent, the answer is no 500, and an error is a problem that says what is wrong and not what was sent.
"""

import base64
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from sqlalchemy import text

from tests.core.openapi_faults import OPERATIONS, SECRET, Operation, example, faults, takes_any_words
from tests.service import Service

MEBIBYTE = 2**20
UNREADABLE = (
    b"",
    b"{",
    b"\xff\xfe",
    b'{"a": 1} x',
    b"1" * 5000,
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"null",
    b"NaN",
    b'{"\\ud800": 1}',
)
WRONG_TYPES = ("text/plain", "multipart/form-data", "multipart/form-data; boundary=x", "text/json", "é/x", "/")
WRONG_IDS = ("0", str(2**70), "%00", "%ED%A0%80", "%FF", "x" * 5000, "..%2F..", "%0D%0ASet-Cookie:a=b", "%22")
WRONG_QUERIES = (f"{SECRET}\x00", SECRET * 1000, str(2**63), str(-(2**63) - 1), "nan", "1e999", "[]")
NO_CURSORS = (SECRET, "é", "\x00", "\udfff", "x" * 5000)
FORGED_VALUES = (SECRET, "\x00", "-1e999", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "9" * 5000)
# Each of the first decides before anything else is looked at, so it is tried alone; the others together.
DECISIVE_HEADERS = ("authorization", "content-length", "content-type", "x-api-key")
OTHER_HEADERS = (
    *("accept", "accept-encoding", "cookie", "expect", "forwarded", "host", "if-modified-since", "origin", "range"),
    *("traceparent", "transfer-encoding", "user-agent", "x-forwarded-for", "x-forwarded-proto", "x-request-id"),
)
HOSTILE_VALUES = (
    b"",
    b"\xff\x00\xe9 " + SECRET.encode(),
    f"{SECRET}\r\nSet-Cookie: a=b".encode(),
    SECRET.encode() * 7000,
    b"9" * 5000,
    b"W/" * 5000,
    b"[",
    b"Bearer " + base64.urlsafe_b64encode(b"[" * 3000) + b".e30.x",
)


def each(operations: list[Operation]) -> pytest.MarkDecorator:
    """Run a test for each of these operations."""
    return pytest.mark.parametrize("operation", operations, ids=lambda operation: operation.name)


with_body = each([operation for operation in OPERATIONS if operation.body])
with_json = each([operation for operation in OPERATIONS if operation.takes_json])
with_query = each([operation for operation in OPERATIONS if operation.parameters("query")])
with_cursor = each([operation for operation in OPERATIONS if "cursor" in operation.parameters("query")])
with_path = each([operation for operation in OPERATIONS if operation.parameters("path")])


@pytest.fixture
async def headers(service: Service) -> dict[str, str]:
    """What somebody sends who may do everything."""
    account = await service.new_account()
    # % if roles
    async with service.resources.engine.begin() as connection:
        await connection.execute(text("UPDATE users SET role = 'admin'"))
    # % endif
    return account.headers


def encoded(operation: Operation, body: Any) -> tuple[bytes, dict[str, str]]:  # noqa: ANN401 - any JSON
    """Write a body as the operation takes it, with its header."""
    assert operation.body is not None
    content = json.dumps(body) if operation.takes_json else urlencode(body, errors="surrogatepass")
    return content.encode(), {"Content-Type": operation.body[0]}


def body_in_order(operation: Operation) -> tuple[bytes, dict[str, str]]:
    """Write a body that is what the operation takes, if it takes one."""
    return encoded(operation, example(operation.body[1])) if operation.body else (b"", {})


def raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Write headers as bytes, beside which others may stand that no client would send."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def assert_no_harm(response: httpx2.Response) -> None:
    """Insist that it is no 500, an error only as a problem, and nothing of it what was sent."""
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == response.status_code
        assert response.json()["detail"]
    assert SECRET not in response.text
    for name, value in response.headers.raw:
        assert SECRET.encode() not in value, name
        assert not set(b"\r\n") & set(value), name


def assert_refused(response: httpx2.Response, location: Iterable[str | int] = ()) -> None:
    """Insist that it is the caller's fault, and that the place of the fault is named."""
    assert_no_harm(response)
    assert response.status_code in {400, 422}, response.text
    errors = response.json().get("errors", [])
    assert all(error["location"] and error["message"] for error in errors)
    expected = list(location)
    if expected:
        assert expected in [error["location"][: len(expected)] for error in errors], response.text


@with_json
async def test_a_wrong_field_is_named(service: Service, headers: dict[str, str], operation: Operation) -> None:
    assert operation.body is not None
    for location, body in faults(operation.body[1]):
        content, media_type = encoded(operation, body)
        response = await service.client.request(
            operation.method, operation.url, content=content, headers=headers | media_type
        )

        assert_refused(response, ["body", *location[:1]])  # what lies deeper is named after members of unions, too


@each([operation for operation in OPERATIONS if operation.body and not operation.takes_json])
async def test_a_wrong_field_of_a_form_is_refused(
    service: Service, headers: dict[str, str], operation: Operation
) -> None:
    assert operation.body is not None
    for location, body in faults(operation.body[1]):
        if location:  # a form is always one of names and values
            content, media_type = encoded(operation, body)
            response = await service.client.request(
                operation.method, operation.url, content=content, headers=headers | media_type
            )

            assert_no_harm(response)
            assert response.status_code >= 400  # 401, where the value is a text like another


@with_body
async def test_a_body_that_cannot_be_read_is_refused(
    service: Service, headers: dict[str, str], operation: Operation
) -> None:
    _, media_type = body_in_order(operation)
    for content in UNREADABLE:
        response = await service.client.request(
            operation.method, operation.url, content=content, headers=headers | media_type
        )

        assert_refused(response)


@with_body
async def test_a_wrong_content_type_is_named(service: Service, headers: dict[str, str], operation: Operation) -> None:
    content, _ = body_in_order(operation)
    for wrong in WRONG_TYPES:
        response = await service.client.request(
            operation.method, operation.url, content=content, headers=raw(headers | {"content-type": wrong})
        )

        assert_refused(response, ["header", "content-type"] if operation.takes_json else ())


@with_query
async def test_a_wrong_query_is_named(service: Service, headers: dict[str, str], operation: Operation) -> None:
    for name, schema in operation.parameters("query").items():
        for value in WRONG_QUERIES:
            response = await service.client.request(
                operation.method, operation.url, params={name: value}, headers=headers
            )

            assert_no_harm(response)
            if response.status_code != 200 or not takes_any_words(schema):
                assert_refused(response, ["query", name])
    response = await service.client.request(
        operation.method, operation.url, params={"unknown": SECRET}, headers=headers
    )
    assert_refused(response, ["query", "unknown"])


@with_cursor
async def test_a_forged_cursor_is_refused(service: Service, headers: dict[str, str], operation: Operation) -> None:
    for sort in operation.parameters("query")["sort"]["enum"]:
        told = [{"sort": sort, "value": value, "id": "0" * 32} for value in FORGED_VALUES]
        if not sort.endswith("created_at"):  # of a text or a number, some are values like others
            for place in told:
                forged = {"cursor": base64.urlsafe_b64encode(json.dumps(place).encode()).decode(), "sort": sort}
                assert_no_harm(await service.client.get(operation.url, params=forged, headers=headers))
            told = []
        told += [{"sort": SECRET, "value": "2030-01-01T00:00:00Z", "id": "0" * 32}]
        told += [{"sort": sort, "value": "2030-01-01T00:00:00Z", "id": "' OR true --"}]
        words = [json.dumps(cursor).encode() for cursor in told] + [b"{}", b"[" * 3000]
        for cursor in (*NO_CURSORS, *(base64.urlsafe_b64encode(word).decode().rstrip("=") for word in words)):
            query = urlencode({"cursor": cursor, "sort": sort}, errors="surrogatepass")

            assert_refused(await service.client.get(f"{operation.url}?{query}", headers=headers))


@with_path
async def test_a_wrong_id_leads_nowhere(service: Service, headers: dict[str, str], operation: Operation) -> None:
    content, media_type = body_in_order(operation)
    for wrong in WRONG_IDS:
        response = await service.client.request(
            operation.method, operation.url_with(wrong), content=content, headers=headers | media_type
        )

        assert_no_harm(response)
        assert response.status_code == 404


@each(OPERATIONS)
async def test_a_hostile_header_does_no_harm(service: Service, headers: dict[str, str], operation: Operation) -> None:
    content, media_type = body_in_order(operation)
    usual = raw(headers | media_type)
    together = {*OTHER_HEADERS, *(name.lower() for name in operation.parameters("header"))} - {*DECISIVE_HEADERS}
    for value in HOSTILE_VALUES:
        for names in (sorted(together), *([name] for name in DECISIVE_HEADERS)):
            hostile = [(name.encode(), value) for name in names]  # before the usual ones: of two, the first counts
            response = await service.client.request(
                operation.method, operation.url, content=content, headers=hostile + usual
            )

            assert_no_harm(response)


@each(OPERATIONS)
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "undeclared"])
async def test_a_body_of_100_megabytes_is_not_read(
    service: Service, headers: dict[str, str], operation: Operation, declared: bool
) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += MEBIBYTE
            yield b" " * MEBIBYTE

    _, media_type = body_in_order(operation)
    sent = headers | media_type | ({"Content-Length": str(100 * MEBIBYTE)} if declared else {})
    response = await service.client.request(operation.method, operation.url, content=body(), headers=sent)

    assert_no_harm(response)
    assert read <= (0 if declared else service.resources.settings.max_body_bytes + 2 * MEBIBYTE)
    if declared or operation.body:
        assert response.status_code == 413
        assert response.headers["connection"] == "close"  # or the server would read on, to throw it away


@with_json
async def test_a_flood_of_unknown_fields_costs_one_error(
    service: Service, headers: dict[str, str], operation: Operation
) -> None:
    content, media_type = encoded(operation, {f"field{number}": SECRET for number in range(20_000)})

    response = await service.client.request(
        operation.method, operation.url, content=content, headers=headers | media_type
    )

    assert_refused(response)
    assert [error["code"] for error in response.json()["errors"]] == ["too_many_fields"]
