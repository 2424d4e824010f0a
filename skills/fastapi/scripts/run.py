#!/usr/bin/env python3
"""Run the program `fastapi-expert` with nothing but this skill: `python3 scripts/run.py new shop`.

The program and its templates lie in `assets/` of this skill or, in a clone or a plugin, beside `skills/`. What it needs
from PyPI is fetched once: by uv where there is one, else by pip into a cache folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SKILL = Path(__file__).resolve().parents[1]
PLACES = (SKILL / "assets", SKILL.parents[1])


class NotHereError(Exception):
    """The program can't be run, and why."""


def find_program() -> Path:
    """The folder that holds `src/`, `templates/` and `pyproject.toml`.

    Raises:
        NotHereError: only a part of the skill was copied.
    """
    for place in PLACES:
        if (place / "src" / "fastapi_expert").is_dir():
            return place
    raise NotHereError(f"{PLACES[0]} holds no program: install the skill `fastapi` again, with all its files")


def build_command(program: Path) -> tuple[list[str], list[str]]:
    """How to start Python with everything that the program imports: the command, and the folders for PYTHONPATH.

    Raises:
        NotHereError: neither uv nor pip brings the requirements.
    """
    import tomllib  # not at the top: an older Python should read what is missing

    description = tomllib.loads((program / "pyproject.toml").read_text(encoding="utf-8"))
    requirements: list[str] = description["project"]["dependencies"]
    source = str(program / "src")
    uv = shutil.which("uv")
    if uv is not None:
        brought = [argument for requirement in requirements for argument in ("--with", requirement)]
        return [uv, "run", "--quiet", "--no-project", "--python", sys.executable, *brought, "python"], [source]
    return [sys.executable], [source, str(install_requirements(requirements))]


def install_requirements(requirements: list[str]) -> Path:
    """Fill a cache folder for this Python and these requirements, unless it is there, and give its path.

    Raises:
        NotHereError: pip can't, or the folder can't be written.
    """
    key = hashlib.sha256("\n".join([sys.version, *requirements]).encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fastapi-expert"
    folder = cache / key
    if folder.is_dir():
        return folder
    print("fastapi-expert: fetching what it needs from PyPI, once", file=sys.stderr, flush=True)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as beside:
            filled = Path(beside, "filled")
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--root-user-action", "ignore"]
            done = subprocess.run(
                [*pip, "--disable-pip-version-check", "--target", str(filled), *requirements],
                stdout=sys.stderr,
                check=False,
            )
            if done.returncode != 0:
                raise NotHereError("pip could not fetch what it needs (Debian, Ubuntu: apt install python3-pip, or uv)")
            _rename(filled, folder)
    except OSError as error:
        raise NotHereError(f"{error}: name a folder that can be written in XDG_CACHE_HOME") from error
    return folder


def _rename(filled: Path, folder: Path) -> None:
    try:
        filled.rename(folder)
    except OSError:
        if not folder.is_dir():  # another run was faster: as good
            raise


def main(arguments: list[str]) -> int:
    """Run the program with these arguments, in place of this process where the system can do that."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what tells it
        print(f"fastapi-expert: Python 3.11 or newer is needed, this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    try:
        program = find_program()
        python, folders = build_command(program)
    except NotHereError as error:
        print(f"fastapi-expert: {error}", file=sys.stderr)
        return 2
    command = [*python, "-P", "-m", "fastapi_expert.cli", *arguments]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(folders), "PYTHONDONTWRITEBYTECODE": "1"}
    if os.name == "posix":
        os.execve(command[0], command, environment)  # noqa: S606 - in this place, so that Ctrl-C reaches it alone
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
