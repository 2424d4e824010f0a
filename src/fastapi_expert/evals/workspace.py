"""Where one run happens: a project and a HOME that nobody has used, the pack in it or not, and what was changed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi_expert.evals.assistants import Assistant
from fastapi_expert.evals.cases import Case

WITH, WITHOUT = "with", "without"
# Programs of the parent environment that a project may call; each runs with the run's own interpreter.
PROGRAMS = ("alembic", "mypy", "pip", "pytest", "uvicorn")
# And what is no Python: its module looks for a program of its own name, and would find ours, for ever.
BINARIES = ("ruff",)
HANDED_OVER = ("LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
LEFT_BEHIND = ("__pycache__/", ".venv/", ".data/", ".pytest_cache/", ".ruff_cache/", ".mypy_cache/", "*.pyc")
POLL_SECONDS = 0.1
GIT = ("git", "-c", "user.name=evals", "-c", "user.email=evals@localhost", "-c", "commit.gpgsign=false")


class WorkspaceError(RuntimeError):
    """A run that can't be prepared, with what failed."""


@dataclass(frozen=True)
class Arm:
    """One way to run a case: with the pack of this program, without one, or with another one.

    Attributes:
        name: `with`, `without` or the name given.
        pack: the other pack's folder, holding `skills/` and perhaps `agents/`.
    """

    name: str
    pack: Path | None = None


@dataclass(frozen=True)
class Changes:
    """What an assistant changed in a project."""

    files: int
    added: int
    deleted: int


@dataclass(frozen=True)
class Finished:
    """How the assistant ended: its exit code, None where its time was up, its output, and the seconds it took."""

    code: int | None
    output: str
    errors: str
    seconds: float


@dataclass(frozen=True)
class Workspace:
    """The folders of one run, below one that nobody else uses."""

    root: Path

    @property
    def project(self) -> Path:
        """What the assistant works in."""
        return self.root / "project"

    @property
    def python(self) -> Path:
        """The interpreter of the run's own environment."""
        return self.root / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"

    def prepare(self, case: Case, arm: Arm, assistant: Assistant) -> None:
        """Lay out project, HOME and environment, install the pack where the arm has it, and commit that.

        Raises:
            WorkspaceError: the pack could not be installed, or git is missing.
        """
        shutil.rmtree(self.root, ignore_errors=True)
        (self.root / "home").mkdir(parents=True)
        case.lay_out(self.project)
        self._make_environment(arm)
        if arm.name == WITH:
            program = [sys.executable, "-m", "fastapi_expert.cli", "install", "--for", assistant.install]
            _run(program, self.project, self.variables({}))
        elif arm.pack is not None:
            _copy_pack(arm.pack, self.project)
        self._git("init", "--quiet")
        (self.project / ".git" / "info" / "exclude").write_text("\n".join(LEFT_BEHIND) + "\n", encoding="utf-8")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "--message", "start")
        self._git("tag", "eval-start")

    def variables(self, more: Mapping[str, str]) -> dict[str, str]:
        """The environment of the run: little of the surrounding one, and `more`."""
        kept = {name: os.environ[name] for name in HANDED_OVER if name in os.environ}
        # Our own environment stays out, for it holds the pack's program.
        ours = Path(sys.executable).parent if sys.prefix != sys.base_prefix else None
        elsewhere = [place for place in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(place) != ours]
        path = os.pathsep.join([str(self.python.parent), *elsewhere])
        own = {"HOME": str(self.root / "home"), "PATH": path, "VIRTUAL_ENV": str(self.python.parent.parent)}
        return kept | own | dict(more)

    def play(
        self, assistant: Assistant, prompt: str, minutes: float, more: Mapping[str, str], stop: threading.Event
    ) -> Finished:
        """Let the assistant work until it ends, its time is up or `stop` is set; what it started ends with it.

        Raises:
            WorkspaceError: there is no such program, or it was stopped.
        """
        started = time.monotonic()
        said, complained = self.root / "output", self.root / "errors"
        (self.root / "prompt").write_text(prompt, encoding="utf-8")
        with said.open("wb") as output, complained.open("wb") as errors, (self.root / "prompt").open("rb") as typed:
            try:
                process = subprocess.Popen(
                    assistant.words(prompt),
                    cwd=self.project,
                    env=self.variables(more),
                    stdin=typed if assistant.takes_standard_input else subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                    start_new_session=True,
                )
            except OSError as error:
                raise WorkspaceError(f"{assistant.command[0]}: {error.strerror}") from error
            try:
                while process.poll() is None and time.monotonic() - started < minutes * 60 and not stop.is_set():
                    stop.wait(POLL_SECONDS)
                code = process.poll()
            finally:
                _kill_all(process)
                process.wait()
        if stop.is_set():
            raise WorkspaceError("stopped")
        seconds = time.monotonic() - started
        return Finished(code, _text(said), _text(complained), seconds)

    def diff(self) -> str:
        """What differs from what was laid out, committed by the assistant or not."""
        self._git("add", "--all")
        return self._git("diff", "--cached", "eval-start")

    def changes(self) -> Changes:
        """Count that."""
        self._git("add", "--all")
        counted = self._git("diff", "--cached", "--numstat", "eval-start").splitlines()
        pairs = [line.split("\t")[:2] for line in counted]
        numbers = [(int(added), int(deleted)) for added, deleted in pairs if added != "-"]  # "-": not a text
        return Changes(len(pairs), sum(added for added, _ in numbers), sum(deleted for _, deleted in numbers))

    def _make_environment(self, arm: Arm) -> None:
        """An environment of its own, which sees the packages of ours: what the assistant installs stays in it."""
        folder = self.python.parent.parent
        venv.create(folder, with_pip=False, symlinks=os.name != "nt")
        (packages,) = folder.glob("lib/python*/site-packages")
        ours = [path for path in sys.path if path.endswith("site-packages")]
        (packages / "ours.pth").write_text("\n".join(ours) + "\n", encoding="utf-8")
        for name in PROGRAMS:
            self._write_program(name, f'exec "{self.python}" -m {name} "$@"')
        for name in BINARIES:
            self._write_program(name, f'exec "{Path(sys.executable).with_name(name)}" "$@"')
        if arm.name == WITH:
            self._write_program("fastapi-expert", f'exec "{sys.executable}" -m fastapi_expert.cli "$@"')

    def _write_program(self, name: str, line: str) -> None:
        program = self.python.parent / name
        program.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        program.chmod(0o755)

    def _git(self, *arguments: str) -> str:
        return _run([*GIT, *arguments], self.project, self.variables({}))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _copy_pack(pack: Path, project: Path) -> None:
    """Put another pack where the assistants in use look for agents and skills."""
    for folder in (".claude", ".agents"):
        shutil.copytree(pack / "skills", project / folder / "skills", dirs_exist_ok=True)
    if (pack / "agents").is_dir():
        shutil.copytree(pack / "agents", project / ".claude" / "agents", dirs_exist_ok=True)


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise WorkspaceError(f"{command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        words = done.stderr.strip().splitlines()
        raise WorkspaceError(f"{' '.join(command[:5])}… failed: {words[-1] if words else done.returncode}")
    return done.stdout


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
