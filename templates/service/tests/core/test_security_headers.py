"""Headers for browsers."""

import pytest

from tests.service import Service


@pytest.mark.parametrize("path", ["http://test/health/live", "/nowhere"])
async def test_answers_and_errors_are_not_sniffed_framed_or_cached(service: Service, path: str) -> None:
    headers = (await service.client.get(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
