"""Where this project's own pack lies, in a clone and in a wheel alike."""

from __future__ import annotations

from pathlib import Path


def content_root() -> Path:
    """The folder that holds `agents/`, `skills/` and `templates/`."""
    package = Path(__file__).resolve().parents[1]
    bundled = package / "content"
    return bundled if bundled.is_dir() else package.parents[1]
