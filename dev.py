"""Run one part of this clone in its own environment: `python3 dev.py demo`, `test`, `check` or any other command.

Needs Python 3.11 or newer and nothing else. The environment lies in `.venv`, filled from the hashed lock in
`requirements/dev.txt`, and is made again when that file changes.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements" / "dev.txt"
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("mypy", "--explicit-package-bases", "--exclude", "/(start|good|bad)/", "evals/cases"),
    ("python", "validate.py"),
)
COMMANDS = {
    "demo": (("fastapi-expert", "demo"),),
    "test": (("pytest", "-n", "2", "--dist", "worksteal"),),
    "check": CHECKS,
}


def prepare() -> None:
    """Make `.venv` from the lock, unless it already holds what the lock says."""
    import tomllib  # here, where the Python is known to have it

    stamp = ENVIRONMENT / "lock.sha256"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    installed = repr([project["build-system"], project["project"], project["tool"]["hatch"]])
    wanted = hashlib.sha256(LOCK.read_bytes() + installed.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"preparing {ENVIRONMENT.name} from {LOCK.relative_to(ROOT)} (once, about a minute)", flush=True)
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    pip = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # The lock is whole. Else pip 23.2 wants a hash of the newest release of what is asked for with an extra.
    subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(LOCK)], check=True)
    subprocess.run([*pip, "--no-deps", "--editable", str(ROOT)], check=True)
    stamp.write_text(wanted)


def main(arguments: list[str]) -> int:
    """Prepare the environment, then run the named commands in it until one fails."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what tells it
        print(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    try:
        prepare()
    except subprocess.CalledProcessError as error:
        hint = " (Debian and Ubuntu: apt install python3-venv)" if "ensurepip" in error.cmd else ""
        print(f"could not prepare {ENVIRONMENT.name}: {' '.join(error.cmd)} failed{hint}", file=sys.stderr)
        return 1
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    name, *rest = arguments
    if name in COMMANDS:
        os.chdir(ROOT)  # any other command runs where it was typed
    *earlier, last = COMMANDS.get(name, ((name,),))
    for command in earlier:
        done = subprocess.run([str(BIN / command[0]), *command[1:]], env=environment, check=False)
        if done.returncode != 0:
            return done.returncode
    program = [str(BIN / last[0]), *last[1:], *rest]
    if os.name == "posix":
        os.execve(program[0], program, environment)  # noqa: S606 - in this place, so that Ctrl-C reaches it alone
    return subprocess.run(program, env=environment, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
