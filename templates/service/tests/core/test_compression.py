"""Answers that are compressed, and those that must not be."""

import pytest
from fastapi import FastAPI, Response
from fastapi.testclient import TestClient

from app.core.compression import CompressionMiddleware

WORDS = ["correct", "horse", "battery", "staple"] * 500

app = FastAPI()
app.add_middleware(CompressionMiddleware)


@app.get("/large")
async def large() -> list[str]:
    """Answer at length."""
    return WORDS


@app.get("/small")
async def small() -> list[str]:
    """Answer briefly."""
    return WORDS[:4]


@app.get("/tagged")
async def tagged(response: Response) -> list[str]:
    """Answer at length, with a tag that stands for these very bytes."""
    response.headers["ETag"] = '"1"'
    return WORDS


client = TestClient(app)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_large_answer_is_compressed_as_the_client_can_read_it(encoding: str) -> None:
    plain = client.get("/large", headers={"Accept-Encoding": "identity"})
    compressed = client.get("/large", headers={"Accept-Encoding": encoding})

    assert "content-encoding" not in plain.headers
    assert compressed.headers["content-encoding"] == encoding
    assert "Accept-Encoding" in compressed.headers["vary"]
    assert int(compressed.headers["content-length"]) < int(plain.headers["content-length"]) / 4


@pytest.mark.parametrize(
    ("path", "accepted"),
    [("/large", "gzip;q=0"), ("/small", "gzip"), ("/tagged", "gzip")],
    ids=["the client refuses it", "small", "tagged"],
)
def test_others_stay_as_they_are(path: str, accepted: str) -> None:
    response = client.get(path, headers={"Accept-Encoding": accepted})

    assert response.status_code == 200
    assert "content-encoding" not in response.headers
