"""Where this project's own pack lies, in a clone and in a wheel alike."""

from __future__ import annotations

from pathlib import Path

# What tools leave behind when the pack is used where it lies.
LEFTOVERS = frozenset(
    {".coverage", ".data", ".git", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv", "__pycache__"}
)


def content_root() -> Path:
    """The folder that holds `agents/`, `skills/` and `templates/`."""
    package = Path(__file__).resolve().parents[1]
    bundled = package / ".agents"
    return bundled if bundled.is_dir() else package.parents[1]
