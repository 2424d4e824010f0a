"""Request ids and log lines."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from app.core import request_log
from app.core.logs import configure_logging
from app.core.request_log import RequestLogMiddleware

SECRET = "hunter2 hunter2 hunter2"

app = FastAPI()
app.add_middleware(RequestLogMiddleware, routes=app.routes)
things = APIRouter()


@things.get("/things/{thing_id}")
async def read_thing(thing_id: str) -> str:
    """Give a thing."""
    return thing_id


@app.get("/unforeseen")
async def fail() -> None:
    """Fail as code does that nobody has tried."""
    raise LookupError("boom")


for version in ("/v1", "/v2"):
    app.include_router(things, prefix=version)

client = TestClient(app, raise_server_exceptions=False, client=("203.0.113.7", 1234))


@pytest.fixture(autouse=True)
def logging_configured() -> Iterator[None]:
    """Log as the application does, and afterwards as before."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure_logging("INFO")
    yield
    root.handlers, root.level = handlers, level


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Read the lines of the requests; one that is no JSON fails."""
    logged = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    return [line for line in logged if line["logger"] == request_log.__name__]


def test_a_request_is_one_line_of_json(capfd: pytest.CaptureFixture[str]) -> None:
    response = client.get("/v1/things/7", headers={"X-Request-ID": "from-the-proxy.1"})

    assert response.headers["x-request-id"] == "from-the-proxy.1"
    (line,) = lines(capfd)
    assert line.pop("milliseconds") >= 0
    assert {name: line[name] for name in line.keys() - {"timestamp", "span_id", "trace_id", "logger"}} == {
        "event": "request",
        "level": "info",
        "request_id": "from-the-proxy.1",
        "method": "GET",
        "route": "/v1/things/{thing_id}",
        "path": "/v1/things/7",
        "status": 200,
        "client": "203.0.113.7",
    }


def test_the_route_is_the_template_wherever_the_router_is_included(capfd: pytest.CaptureFixture[str]) -> None:
    for path in ("/v1/things/7", "/v2/things/7", "/nowhere/7"):
        client.get(path)
    client.delete("/v2/things/7")

    assert [(line["route"], line["path"], line["status"]) for line in lines(capfd)] == [
        ("/v1/things/{thing_id}", "/v1/things/7", 200),
        ("/v2/things/{thing_id}", "/v2/things/7", 200),
        (None, "/nowhere/7", 404),
        ("/v2/things/{thing_id}", "/v2/things/7", 405),
    ]


@pytest.mark.parametrize("path", ["/v1/things/7", "/nowhere", "/unforeseen"])
def test_no_value_of_a_query_is_logged(path: str, capfd: pytest.CaptureFixture[str]) -> None:
    client.get(path, params={"password": SECRET})

    (line,) = lines(capfd)
    assert line["path"] == path
    assert "hunter2" not in str(line)


@pytest.mark.parametrize("offered", ["", "x" * 65, "a b", 'forged"}'])
def test_an_id_that_could_forge_a_log_line_is_replaced(offered: str) -> None:
    response = client.get("/v1/things/7", headers={"X-Request-ID": offered})

    assert len(response.headers["x-request-id"]) == 32


def test_an_exception_is_logged_without_the_variables_around_it(capfd: pytest.CaptureFixture[str]) -> None:
    try:
        password = SECRET
        raise LookupError("boom")
    except LookupError:
        request_log.logger.exception("it failed")

    (line,) = lines(capfd)
    assert password not in str(line)
    assert "boom" in str(line["exception"])
