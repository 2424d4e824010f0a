"""Python that is newer than the one which runs here: what that one can't parse, ruff may."""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

TIME_LIMIT = 30  # seconds
_COMMAND = (
    "check",
    "--isolated",
    "--no-cache",
    "--target-version",
    "py314",
    "--select",
    "E902",
    "--output-format",
    "json",
)


def newer_python(codes: Iterable[str]) -> frozenset[str]:
    """Those of some pieces of code that the newest Python parses; none where there is no ruff to ask.

    What is nested too deeply is for nobody to ask about: ruff takes more levels than any Python.
    """
    return _parsed(tuple(dict.fromkeys(codes)))


@lru_cache(maxsize=8)
def _parsed(codes: tuple[str, ...]) -> frozenset[str]:
    if not codes:
        return frozenset()
    import subprocess  # most runs need neither
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for number, code in enumerate(codes):
            (Path(folder) / f"{number}.py").write_bytes(dedent(code).encode(errors="replace"))
        try:
            output = subprocess.run(
                [sys.executable, "-m", "ruff", *_COMMAND, "."],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=TIME_LIMIT,
                check=False,
            ).stdout
            refused = {int(Path(fault["filename"]).stem) for fault in json.loads(output)}
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return frozenset()
    return frozenset(code for number, code in enumerate(codes) if number not in refused)
