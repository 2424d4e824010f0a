"""Reading cases: what is asked, where it starts, how it is run and what is looked at afterwards."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import yaml

from fastapi_expert.pack.location import content_root
from fastapi_expert.pack.schema import fault_in

CASE_FILE = "case.yaml"
GRADER = "grade.py"
CHECK_PREFIX = "check_"
DATABASE_URL = "postgresql+asyncpg://postgres@/{database}?host={socket}"


class CaseError(ValueError):
    """A case that can't be played, with the file and what is wrong with it."""


@dataclass(frozen=True)
class Check:
    """One thing that the grader looks at: an id and a sentence that is true of a good result."""

    id: str
    sentence: str


@dataclass(frozen=True)
class Case:
    """One case.

    Attributes:
        folder: where it lies; its name is the case's id.
        prompt: what a user would type.
        checks: what the grader looks at, in its order.
        serve: what `python -m` runs to start the project; None where the grader starts it.
        migrate: what `python -m` runs before that.
        environment: the service's variables, with placeholders.
        needs: what runs beside PostgreSQL.
        minutes: how long the assistant may take.
        bad_fails: the checks that the kept bad solution fails.
        bad_sometimes: those that it fails or not by chance.
    """

    folder: Path
    title: str
    kind: Literal["own", "cross", "foreign"]
    skills: tuple[str, ...]
    example: str | None
    without_pack: Literal["passes", "badly", "fails"]
    because: str
    prompt: str
    checks: tuple[Check, ...]
    minutes: float
    serve: str | None = None
    migrate: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    bad_fails: frozenset[str] = frozenset()
    bad_sometimes: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    def lay_out(self, project: Path, *solutions: str) -> None:
        """Write the project that the prompt is said in, with a kept solution (`good`, `bad`) over it."""
        for part in ("start", *solutions):
            self.apply(project, part)

    def apply(self, project: Path, part: str) -> None:
        """Write the files of one part (`start`, `good`, `bad`) into the project."""
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(self.folder / part, project, dirs_exist_ok=True, ignore=left_out)


def cases_folder() -> Path:
    """Where this project's cases lie: in a clone. A wheel brings none."""
    return content_root() / "evals" / "cases"


def read_cases(folder: Path, wanted: Iterable[str] = ()) -> list[Case]:
    """Read the wanted cases of a folder, or all of them, sorted by id.

    Raises:
        CaseError: there is no such folder or case, or one of them is not in order.
    """
    if not folder.is_dir():
        raise CaseError(f"{folder}: no such folder; cases come with a clone, or name theirs with --cases")
    names = sorted(path.parent.name for path in folder.glob(f"*/{CASE_FILE}"))
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        raise CaseError(f"there is no case {unknown[0]!r} in {folder}: there are {', '.join(names) or 'none'}")
    chosen = sorted(set(wanted)) or names
    if not chosen:
        raise CaseError(f"{folder} holds no case (a folder with {CASE_FILE})")
    return [read_case(folder / name) for name in chosen]


def read_case(folder: Path) -> Case:
    """Read one case.

    Raises:
        CaseError: a file is missing or is not in order.
    """
    described = _described(folder / CASE_FILE)
    prompt = _text(folder / "prompt.md")
    for part in ("start", "good", "bad"):
        if not (folder / part).is_dir():
            raise CaseError(f"{folder / part}: missing; a case has start/, good/ and bad/")
    checks = read_checks(folder / GRADER)
    unknown = sorted(set(described["bad"]["fails"]) - {check.id for check in checks})
    if unknown:
        raise CaseError(f"{folder / CASE_FILE}: bad.fails names {unknown[0]!r}, and {GRADER} has no such check")
    return Case(
        folder=folder,
        title=described["title"],
        kind=described["kind"],
        skills=tuple(described["skills"]),
        example=described.get("example"),
        without_pack=described["without_pack"]["result"],
        because=described["without_pack"]["because"],
        prompt=prompt,
        checks=checks,
        minutes=described["minutes"],
        serve=described.get("serve"),
        migrate=described.get("migrate"),
        environment={"DATABASE_URL": DATABASE_URL} | described.get("environment", {}),
        needs=frozenset(described.get("needs", ())),
        bad_fails=frozenset(described["bad"]["fails"]),
        bad_sometimes=frozenset(described["bad"].get("sometimes", ())),
    )


def read_checks(grader: Path) -> tuple[Check, ...]:
    """Read what a grader looks at, without running it: its functions `check_…` with the first line of each docstring.

    Raises:
        CaseError: it doesn't parse, has no check, or a check has no sentence.
    """
    try:
        tree = ast.parse(_text(grader))
    except SyntaxError as error:
        raise CaseError(f"{grader}:{error.lineno}: {error.msg}") from error
    checks = []
    for statement in tree.body:
        if isinstance(statement, ast.AsyncFunctionDef) and statement.name.startswith(CHECK_PREFIX):
            sentence = (ast.get_docstring(statement) or "").partition("\n")[0]
            if not sentence:
                raise CaseError(f"{grader}:{statement.lineno}: {statement.name} has no docstring to be its sentence")
            checks.append(Check(statement.name.removeprefix(CHECK_PREFIX), sentence))
    if not checks:
        raise CaseError(f"{grader}: no function `async def {CHECK_PREFIX}…`, so nothing would be looked at")
    return tuple(checks)


@cache
def _schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files(__package__).joinpath("case.schema.json").read_text(encoding="utf-8"))
    return found


def _described(path: Path) -> dict[str, Any]:
    try:
        described = yaml.safe_load(_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise CaseError(f"{place}: not valid YAML: {getattr(error, 'problem', None) or 'unreadable'}") from error
    fault = fault_in(described, _schema())
    if fault is not None:
        where, message = fault
        raise CaseError(f"{path}: {where + ': ' if where else ''}{message}")
    found: dict[str, Any] = described
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise CaseError(f"{path}: {reason}") from error
