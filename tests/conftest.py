"""What several parts of the tests need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter: PostgreSQL, which never runs as root, can't enter pytest's `tmp_path`."""
    with TemporaryDirectory(prefix="fastapi-expert-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
