"""After an option took lines out: unused imports go, and the layout is what the project's own formatter makes of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ruff import find_ruff_bin  # type: ignore[import-untyped]

_FIX = ("check", "--quiet", "--no-cache", "--fix-only")
UNUSED_IMPORTS = (*_FIX, "--select", "F401,I001", ".")
UNUSED_EXCEPTIONS = (*_FIX, "--extend-select", "RUF100", "--fixable", "RUF100", ".")
LAYOUT = ("format", "--no-cache", ".")


class TidyError(Exception):
    """Ruff couldn't read what was rendered, the template making broken Python with these options, or is missing."""


def tidy(
    files: Mapping[str, str],
    commands: Sequence[Sequence[str]] = (UNUSED_IMPORTS, LAYOUT),
    *,
    beside: Iterable[str] = (),
) -> dict[str, str]:
    """Give the same files with their Python tidied by ruff under the configuration they bring themselves.

    Args:
        files: relative POSIX path to text; a `pyproject.toml` or `ruff.toml` among them configures ruff.
        commands: what ruff is to do.
        beside: what else the project holds, so that ruff takes imports of it for the project's own.

    Raises:
        TidyError: a Python file that doesn't parse.
    """
    try:
        ruff = find_ruff_bin()
    except FileNotFoundError as error:
        raise TidyError(f"ruff's program is missing ({error}): install ruff again") from error
    own = sorted({path.split("/")[0].removesuffix(".py") for path in beside})
    settings = ("--config", f"lint.isort.known-first-party={json.dumps(own)}") if own else ()
    with TemporaryDirectory(prefix="fastapi-expert-") as folder:
        root = Path(folder)
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        for command in commands:
            done = subprocess.run([ruff, *command, *settings], cwd=root, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise TidyError(done.stderr.replace(f"{root}/", "").strip())
        return {path: (root / path).read_bytes().decode("utf-8") for path in files}
