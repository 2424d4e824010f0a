"""Two changes of one file brought together, by `git merge-file`."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

YOURS, OURS = "yours", "template"


class MergeError(Exception):
    """The files can't be merged at all."""


def merge(base: bytes, yours: bytes, ours: bytes) -> tuple[bytes, bool]:
    """Apply to `yours` what changed between `base` and `ours`.

    Args:
        base: what both began as, with the line ends of `yours`, like `ours`.
        yours: the user's file.
        ours: the template's new file.

    Returns:
        The merged file, and whether it holds conflicts between `<<<<<<<` and `>>>>>>>`.

    Raises:
        MergeError: git is missing, or one of them is no text.
    """
    with TemporaryDirectory(prefix="fastapi-expert-") as name:
        files = []
        for side, content in (("yours", yours), ("base", base), ("ours", ours)):
            file = Path(name) / side
            file.write_bytes(content)
            files.append(str(file))
        labels = ("-L", YOURS, "-L", "base", "-L", OURS)
        try:
            done = subprocess.run(["git", "merge-file", "-p", *labels, *files], capture_output=True, check=False)  # noqa: S607
        except FileNotFoundError as error:
            raise MergeError("git is not installed, and merges the template's change with yours") from error
    if done.returncode < 0 or done.returncode > 127:
        raise MergeError(done.stderr.decode(errors="replace").strip().replace(f"{name}/", ""))
    return done.stdout, done.returncode > 0
