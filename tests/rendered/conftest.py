"""What the rendered services share while they prove themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def known_types(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let mypy keep what it has read of the libraries: anew for each service it would take most of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYPY_CACHE_DIR", str(tmp_path_factory.mktemp("mypy")))
        yield
