"""After an option took lines out: unused imports go, and the layout is what the project's own formatter makes of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

_FIX = ("check", "--quiet", "--no-cache", "--fix-only")
UNUSED_IMPORTS = (*_FIX, "--select", "F401,I001", ".")
UNUSED_EXCEPTIONS = (*_FIX, "--extend-select", "RUF100", "--fixable", "RUF100", ".")
LAYOUT = ("format", "--no-cache", ".")


class TidyError(Exception):
    """Ruff couldn't read what was rendered: the template makes broken Python with these options."""


def tidy(files: Mapping[str, str], commands: Sequence[Sequence[str]] = (UNUSED_IMPORTS, LAYOUT)) -> dict[str, str]:
    """Give the same files with their Python tidied by ruff under the configuration they bring themselves.

    Args:
        files: relative POSIX path to text; a `pyproject.toml` or `ruff.toml` among them configures ruff.
        commands: what ruff is to do.

    Raises:
        TidyError: a Python file that doesn't parse.
    """
    with TemporaryDirectory(prefix="fastapi-expert-") as folder:
        root = Path(folder)
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        for command in commands:
            done = subprocess.run(
                [sys.executable, "-m", "ruff", *command], cwd=root, capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                raise TidyError(done.stderr.replace(f"{root}/", "").strip())
        return {path: (root / path).read_bytes().decode("utf-8") for path in files}
