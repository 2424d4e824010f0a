"""Files for a test, laid where it wants them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi_expert.lint.rule import Symlink


def lay(root: Path, files: Mapping[str, str | bytes | Symlink]) -> Path:
    """Write files by relative path, exactly as given, and return the folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        match content:
            case Symlink(target=target):
                path.symlink_to(target)
            case str():
                path.write_bytes(content.encode())
            case bytes():
                path.write_bytes(content)
    return root
