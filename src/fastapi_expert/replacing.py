"""Putting new content in the place of a file, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

NEW_FILE_MODE = 0o644


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the file, then rename over it; a symbolic link stays one, and the file keeps its mode.

    Raises:
        OSError: it can't be written; what was there is unchanged.
    """
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        if target.exists():
            shutil.copymode(target, beside)
        else:
            Path(beside).chmod(NEW_FILE_MODE)
        Path(beside).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(beside).unlink()
        raise
