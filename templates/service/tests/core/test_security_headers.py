"""Headers for browsers."""

import pytest
from fastapi import FastAPI, Response
from fastapi.testclient import TestClient

from app.core.security_headers import SecurityHeadersMiddleware

app = FastAPI()
app.add_middleware(SecurityHeadersMiddleware)


@app.get("/plain")
async def plain() -> None:
    """Answer with no header of its own."""


@app.get("/public")
async def public(response: Response) -> None:
    """Answer with something that may be kept."""
    response.headers["Cache-Control"] = "max-age=60"


client = TestClient(app)


@pytest.mark.parametrize("path", ["/plain", "/nowhere"])
def test_answers_and_errors_are_not_sniffed_framed_or_cached(path: str) -> None:
    headers = client.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_what_a_route_has_set_stays() -> None:
    assert client.get("/public").headers.get_list("cache-control") == ["max-age=60"]
