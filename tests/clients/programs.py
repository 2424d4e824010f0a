"""The assistants' own programs, at pinned versions, installed into `.clients/` of this clone, and run apart from it.

`package.json` and `requirements.in` name the versions. npm has no lock here: `npm ci` refuses one in which the optional
packages of other platforms are missing, and a registry that mirrors one platform can't give them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".clients"
INSTALL_LIMIT_SECONDS = 500
RUN_LIMIT_SECONDS = 240
# How to start each: Claude Code's and OpenCode's own scripts would be made by install scripts, which are not run.
COMMANDS = {
    "claude": ("node", "node_modules/@anthropic-ai/claude-code/cli-wrapper.cjs"),
    "codex": ("node", "node_modules/@openai/codex/bin/codex.js"),
    "copilot": ("node", "node_modules/@github/copilot/npm-loader.js"),
    "gemini": ("node", "node_modules/@google/gemini-cli/bundle/gemini.js"),
    "opencode": ("opencode",),
    "qwen": ("node", "node_modules/@qwen-code/qwen-code/cli-entry.js"),
    "skills": ("node", "node_modules/skills/bin/cli.mjs"),
}


class NotInstalledError(Exception):
    """The programs can't be installed on this machine, and why."""


def npm_folder() -> Path:
    """Where `package.json` is installed; fills it if need be.

    Raises:
        NotInstalledError: there is no npm, or it can't fetch them.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalledError("npm is not installed")
    folder = _prepared("npm", "package.json")
    with _Lock(folder) as lock:
        if not lock.done:
            shutil.copy(HERE / "package.json", folder)
            quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
            _install([npm, "install", "--ignore-scripts", *quiet], folder)
            lock.mark_done()
    return folder


def python_folder() -> Path:
    """The environment that `requirements.txt` is installed in; fills it if need be.

    Raises:
        NotInstalledError: pip can't fetch them.
    """
    folder = _prepared("python", "requirements.txt")
    with _Lock(folder) as lock:
        if not lock.done:
            venv.create(folder, with_pip=True)
            pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
            _install([*pip, "--no-deps", "--require-hashes", "-r", str(HERE / "requirements.txt")], folder)
            lock.mark_done()
    return folder


def command(program: str) -> list[str]:
    """How to start one of the npm programs.

    Raises:
        NotInstalledError: it can't be installed here.
    """
    folder = npm_folder()
    first, *rest = COMMANDS[program]
    return [str(_binary(folder, first)), *(str(folder / part) for part in rest)]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The least that a program needs: nothing of the machine's own settings, logins and keys is in it."""
    node = _binary(npm_folder(), "node").parent
    quiet = {"DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1"}
    path = f"{node}{os.pathsep}/usr/local/bin{os.pathsep}/usr/bin{os.pathsep}/bin"
    return {"PATH": path, "HOME": str(home), "TERM": "dumb", "LANG": "C.UTF-8"} | quiet | more


def run(
    arguments: list[str], home: Path, *, cwd: Path, given: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one of the npm programs, the first argument, in a home of its own, and wait for its end."""
    program, *rest = arguments
    return subprocess.run(
        [*command(program), *rest],
        cwd=cwd,
        env=environment(home, **(env or {})),
        input=given,
        capture_output=True,
        text=True,
        timeout=RUN_LIMIT_SECONDS,
        check=False,
    )


def _binary(folder: Path, name: str) -> Path:
    """The binary that a package brings for this platform."""
    found = sorted(folder.glob(f"node_modules/{name}-*/bin/{name}"))
    if not found:
        raise NotInstalledError(f"npm has no {name} for {sys.platform}")
    return found[0]


def _prepared(kind: str, versions: str) -> Path:
    digest = hashlib.sha256((HERE / versions).read_bytes()).hexdigest()[:12]
    folder = CACHE / f"{kind}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _install(arguments: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            arguments, cwd=folder, capture_output=True, text=True, timeout=INSTALL_LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotInstalledError(f"{arguments[0]} took longer than {INSTALL_LIMIT_SECONDS} s") from error
    if done.returncode != 0:
        raise NotInstalledError(f"{' '.join(arguments[:2])} failed: {done.stderr.strip()[:500]}")


class _Lock:
    """Held while a folder is filled: tests run in several processes."""

    def __init__(self, folder: Path) -> None:
        self._stamp = folder / "done"
        self._file = folder.with_suffix(".lock").open("w")

    def __enter__(self) -> _Lock:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def done(self) -> bool:
        return self._stamp.exists()

    def mark_done(self) -> None:
        self._stamp.touch()
