"""Answers that are compressed, and those that must not be."""

from collections.abc import AsyncIterator

import pytest

from tests.service import Service, run_service, settings_for

LARGE, SMALL = "http://test/words", "http://test/health/live"


async def words() -> list[str]:
    """Answer at a length that no option changes."""
    return ["correct", "horse", "battery", "staple"] * 500


@pytest.fixture
async def wordy(service: Service, database_url: str) -> AsyncIterator[Service]:
    """The service with a large answer."""
    async with run_service(settings_for(database_url)) as running:
        running.app.add_api_route("/words", words)
        yield running


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
async def test_a_large_answer_is_compressed_as_the_client_can_read_it(wordy: Service, encoding: str) -> None:
    plain = await wordy.client.get(LARGE, headers={"Accept-Encoding": "identity"})
    compressed = await wordy.client.get(LARGE, headers={"Accept-Encoding": encoding})

    assert "content-encoding" not in plain.headers
    assert compressed.headers["content-encoding"] == encoding
    assert "Accept-Encoding" in compressed.headers["vary"]
    assert int(compressed.headers["content-length"]) < int(plain.headers["content-length"]) / 4


async def test_a_client_that_refuses_gzip_does_not_get_it(wordy: Service) -> None:
    response = await wordy.client.get(LARGE, headers={"Accept-Encoding": "gzip;q=0"})

    assert "content-encoding" not in response.headers


async def test_a_small_answer_stays_as_it_is(service: Service) -> None:
    response = await service.client.get(SMALL, headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in response.headers


# % if example
async def test_what_has_a_strong_etag_keeps_its_bytes_and_can_be_asked_for_by_it(service: Service) -> None:
    account = await service.new_account()
    headers = account.headers | {"Accept-Encoding": "gzip"}
    large = {"title": "t" * 200, "notes": "n" * 2000}
    created = await service.client.post("/tasks", json=large, headers=headers)
    path = f"/tasks/{created.json()['id']}"

    read = await service.client.get(path, headers=headers)
    again = await service.client.get(path, headers=headers | {"If-None-Match": read.headers["etag"]})
    listed = await service.client.get("/tasks", headers=headers)

    assert len(read.content) > 2000
    assert "content-encoding" not in read.headers
    assert (again.status_code, again.content) == (304, b"")
    assert listed.headers["content-encoding"] == "gzip"


# % endif
