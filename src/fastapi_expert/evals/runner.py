"""Playing cases: every case in every arm as often as asked, several at once, what is done once and for all.

A run is done when its `grading.json` is there, which is written last and whole. Its folder,
`runs/eval-CASE/CONFIGURATION/run-N/`, and that file are laid out as the Agent Skills' own tools expect them.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fastapi_expert.evals.assistants import Assistant, Usage
from fastapi_expert.evals.cases import Case
from fastapi_expert.evals.grading import Grade, GraderError, grade
from fastapi_expert.evals.workspace import WITH, WITHOUT, Arm, Changes, Finished, Workspace, WorkspaceError
from fastapi_expert.replacing import replace_file

ASKED = "eval.json"
GRADING = "grading.json"
CONFIGURATIONS = {WITH: "with_skill", WITHOUT: "without_skill"}
SECRET_LENGTH = 8  # characters; a shorter value of a variable is no secret
ERRORS_SHOWN = 300


class RunnerError(ValueError):
    """Runs that can't be made as asked."""


@dataclass(frozen=True)
class Run:
    """One case in one arm, for the nth time."""

    case: Case
    arm: Arm
    number: int

    @property
    def folder(self) -> Path:
        """Where its record lies, below the folder of all runs."""
        configuration = CONFIGURATIONS.get(self.arm.name, self.arm.name)
        return Path("runs", f"eval-{self.case.id}", configuration, f"run-{self.number}")


@dataclass(frozen=True)
class Record:
    """What became of a run.

    Attributes:
        exit_code: the assistant's; None where its time was up.
    """

    case: str
    arm: str
    number: int
    grade: Grade
    seconds: float
    exit_code: int | None
    usage: Usage
    changes: Changes
    digest: str

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read what `write` wrote.

        Raises:
            RunnerError: it is not one of ours.
        """
        try:
            found = json.loads(path.read_text(encoding="utf-8"))["record"]
            return cls(
                **found
                | {
                    "grade": Grade.of_json(found["grade"]),
                    "usage": Usage(**found["usage"]),
                    "changes": Changes(**found["changes"]),
                }
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunnerError(
                f"{path}: not a record of a run ({type(error).__name__}): delete it to run again"
            ) from error

    def write(self, path: Path) -> None:
        """Write the record, with the fields that the Agent Skills' tools read beside ours."""
        checks = self.grade.checks
        held = len(checks) - len(self.grade.failed)
        written = {
            "expectations": [
                {"text": check.sentence, "passed": check.passed, "evidence": check.reason or "tried, and holds"}
                for check in checks
            ],
            "summary": {
                "passed": held,
                "failed": len(checks) - held,
                "total": len(checks),
                "pass_rate": round(self.grade.share, 4),
            },
            "record": asdict(self),
        }
        timing = {"total_tokens": self.usage.tokens or 0, "total_duration_seconds": round(self.seconds, 1)}
        replace_file(path.with_name("timing.json"), _json(timing))
        replace_file(path, _json(written))


@dataclass
class Evaluation:
    """Runs below one folder.

    Attributes:
        folder: where the records go.
        assistant: who plays.
        socket: PostgreSQL's socket folder, for the graders.
        stop: set when the runs shall end.
        tell: is told each run that has ended, with what became of it.
    """

    folder: Path
    assistant: Assistant
    socket: Path
    tell: Callable[[Run, Record | str], None]
    stop: threading.Event = field(default_factory=threading.Event)

    def play(self, runs: Sequence[Run], jobs: int) -> list[tuple[Run, str]]:
        """Play them, so many at once, and give those that could not be played, with the reason."""
        broken = []
        with ThreadPoolExecutor(jobs) as pool:
            try:
                playing = {pool.submit(self._play, run): run for run in runs}
                for done in as_completed(playing):
                    outcome = done.result()
                    self.tell(playing[done], outcome)
                    if isinstance(outcome, str):
                        broken.append((playing[done], outcome))
            except BaseException:
                self.stop.set()
                pool.shutdown(cancel_futures=True)
                raise
        return broken

    def _play(self, run: Run) -> Record | str:
        record_file = self.folder / run.folder / GRADING
        secrets = {name: os.environ[name] for name in self.assistant.variables if name in os.environ}
        # Away from the cases: what is graded by stays hidden.
        with tempfile.TemporaryDirectory(prefix="eval-", ignore_cleanup_errors=True) as name:
            Path(name).chmod(0o755)
            workspace = Workspace(Path(name, "run"))
            try:
                workspace.prepare(run.case, run.arm, self.assistant)
                finished = workspace.play(self.assistant, run.case.prompt, run.case.minutes, secrets, self.stop)
                diff, changes = workspace.diff(), workspace.changes()
                for path, text in (
                    ("transcript.txt", finished.output),
                    ("errors.txt", finished.errors),
                    ("changes.diff", diff),
                ):
                    replace_file(record_file.with_name(path), _without(secrets, text).encode())
                if finished.code and not changes.files:
                    return _complaint(finished)
                graded = grade(run.case, workspace.project, self.socket, python=str(workspace.python))
            except (WorkspaceError, GraderError, OSError) as error:
                return str(error)
        record = Record(
            case=run.case.id,
            arm=run.arm.name,
            number=run.number,
            grade=graded,
            seconds=finished.seconds,
            exit_code=finished.code,
            usage=self.assistant.read(finished.output),
            changes=changes,
            digest=digest(run.case),
        )
        record.write(record_file)
        return record


def all_runs(cases: Sequence[Case], arms: Sequence[Arm], repeat: int) -> list[Run]:
    """Every case in every arm, that often; the arms of a case side by side, so that what passes with time hits both."""
    return [Run(case, arm, number) for number in range(1, repeat + 1) for case in cases for arm in arms]


def open_runs(folder: Path, runs: Sequence[Run]) -> list[Run]:
    """Those of the runs that are not done, or were done when their case was another.

    Raises:
        RunnerError: a record can't be read.
    """
    digests = {run.case.id: digest(run.case) for run in runs}

    def is_open(run: Run) -> bool:
        record = folder / run.folder / GRADING
        return not record.is_file() or Record.read(record).digest != digests[run.case.id]

    return [run for run in runs if is_open(run)]


def begin(folder: Path, assistant: Assistant, arms: Sequence[Arm]) -> None:
    """Note in the folder who plays, or see that it is who played there before.

    Raises:
        RunnerError: the folder holds runs of somebody else, or can't be written.
    """
    asked: dict[str, Any] = {"assistant": list(assistant.command), "arms": {}}
    path = folder / ASKED
    if path.is_file():
        try:
            asked = json.loads(path.read_text(encoding="utf-8"))
            before = asked["assistant"], dict(asked["arms"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunnerError(f"{path}: not ours: choose another --out") from error
        if before[0] != list(assistant.command):
            raise RunnerError(f"{folder} holds runs of {' '.join(before[0])!r}: choose another --out")
    for arm in arms:
        pack = str(arm.pack) if arm.pack else None
        if asked["arms"].setdefault(arm.name, pack) != pack:
            raise RunnerError(f"{folder} holds runs of an arm {arm.name!r} with another pack: choose another --out")
    try:
        replace_file(path, _json(asked))
    except OSError as error:
        raise RunnerError(f"{path}: {error.strerror}") from error


def read_records(folder: Path) -> Iterator[Record]:
    """All runs that are done below a folder.

    Raises:
        RunnerError: a record can't be read.
    """
    for path in sorted(folder.glob(f"runs/eval-*/*/run-*/{GRADING}")):
        yield Record.read(path)


def digest(case: Case) -> str:
    """What a result was graded against: changes when anything of the case does but its kept solutions."""
    total = hashlib.sha256()
    for path in sorted(case.folder.rglob("*")):
        part = path.relative_to(case.folder)
        if path.is_file() and part.parts[0] not in {"good", "bad"} and "__pycache__" not in part.parts:
            total.update(f"{part.as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()


def _without(secrets: Mapping[str, str], text: str) -> str:
    for name, value in secrets.items():
        if len(value) >= SECRET_LENGTH:
            text = text.replace(value, f"[{name}]")
    return text


def _complaint(finished: Finished) -> str:
    words = (finished.errors.strip() or finished.output.strip()).splitlines()
    return f"the assistant ended with {finished.code} and changed nothing: {words[-1][-ERRORS_SHOWN:] if words else ''}"


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()
