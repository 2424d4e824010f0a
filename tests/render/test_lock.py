"""Locked requirements that follow the options."""

from __future__ import annotations

import pytest

from fastapi_expert.pack.location import content_root
from fastapi_expert.render.lock import prune_locks

LOCK = """\
async-timeout==5.0 ; python_version < '3.12' \\
    --hash=sha256:aa
    # via redis
limits==5.8 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via shop (pyproject.toml)
packaging==26.2 \\
    --hash=sha256:dd
    # via
    #   limits
    #   Pytest_Plugin
pytest-plugin==1.0 \\
    --hash=sha256:ee
    # via shop (pyproject.toml:dev)
redis==8.0 \\
    --hash=sha256:ff
    # via limits
"""


def names(lock: str) -> list[str]:
    """Name what a lock holds."""
    return [line.split("==")[0] for line in lock.splitlines() if "==" in line]


@pytest.mark.parametrize(
    ("dependencies", "left"),
    [
        ('dependencies = ["limits[async]>=5"]', ["async-timeout", "limits", "packaging", "redis"]),
        ("dependencies = []\n[dependency-groups]\ndev = ['pytest.plugin']", ["packaging", "pytest-plugin"]),
        ("dependencies = []", []),
    ],
)
def test_what_nothing_needs_goes(dependencies: str, left: list[str]) -> None:
    files = {"pyproject.toml": f"[project]\n{dependencies}\n", "requirements-dev.txt": LOCK, "notes.txt": LOCK}

    pruned = prune_locks(files)

    assert names(pruned["requirements-dev.txt"]) == left
    assert pruned["notes.txt"] == LOCK


def test_a_lock_that_is_all_needed_stays_to_the_letter() -> None:
    folder = content_root() / "templates" / "service"
    files = {
        path: (folder / path).read_text() for path in ("pyproject.toml", "requirements.txt", "requirements-dev.txt")
    }

    assert prune_locks(files) == files
