"""The migrations of a rendered service: which there are, how one joins them, and how one is made from the models.

Migrations are the one part of a service that is history. One that exists is never changed or taken away, because a
database may have seen it; one that comes later goes to the end of the line, wherever the template has it.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

VERSIONS = "app/migrations/versions/"
AUTOGENERATE = Path(__file__).with_name("autogenerate.py")
LIMIT_SECONDS = 120


class MigrationError(Exception):
    """The migrations of the project have no single end, or none could be made."""


@dataclass(frozen=True)
class Revision:
    """A migration file.

    Attributes:
        path: relative POSIX path.
        id: what Alembic calls it.
        after: the ids of those before it: none for the first, several where heads were merged.
    """

    path: str
    id: str
    after: tuple[str, ...]


def is_migration(path: str) -> bool:
    """Whether a path is that of a migration."""
    return path.startswith(VERSIONS) and path.endswith(".py") and not path.endswith("__init__.py")


def read_revisions(files: Mapping[str, bytes]) -> list[Revision]:
    """Read the migrations among files, each after those it follows.

    Args:
        files: relative POSIX path to content; what is no migration is passed over.

    Raises:
        MigrationError: one can't be read, or they follow each other in a circle.
    """
    found = {
        revision.id: revision for revision in (read_revision(*file) for file in files.items() if is_migration(file[0]))
    }
    try:
        order = TopologicalSorter({revision.id: revision.after for revision in found.values()}).static_order()
        return [found[revision] for revision in order if revision in found]
    except CycleError as error:
        raise MigrationError(f"{VERSIONS}: these follow each other: {', '.join(error.args[1])}") from error


def head(revisions: Iterable[Revision], versions: str = VERSIONS) -> str:
    """Give the id of the last migration.

    Args:
        revisions: all that there are.
        versions: the folder that they are in, for the message.

    Raises:
        MigrationError: there is none, or more than one.
    """
    revisions = list(revisions)
    heads = {revision.id for revision in revisions} - {before for revision in revisions for before in revision.after}
    if not heads:
        raise MigrationError(f"{versions}: there is no migration, or each comes after another: restore them")
    if len(heads) > 1:
        names = " and ".join(sorted(heads))
        raise MigrationError(f"{versions}: one head is needed, here is {names}: run `alembic merge heads`")
    return heads.pop()


def read_revision(path: str, content: bytes) -> Revision:
    """Read a migration file.

    Raises:
        MigrationError: it does not parse, or doesn't say its id and what it follows.
    """
    assigned: dict[str, object] = {}
    try:
        for node in ast.parse(content).body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and node.value:
                with suppress(ValueError):  # not a literal: none of the two that are looked for
                    assigned[target.id] = ast.literal_eval(node.value)
    except (SyntaxError, ValueError) as error:
        raise MigrationError(f"{path}: does not parse ({error})") from error
    revision, after = assigned.get("revision"), assigned.get("down_revision")
    before = (after,) if isinstance(after, str) else after or ()
    if not isinstance(revision, str) or not isinstance(before, tuple | list):
        raise MigrationError(f"{path}: `revision` and `down_revision` must be written out as text")
    return Revision(path, revision, tuple(map(str, before)))


def joined(content: bytes, revision: Revision, after: str | None) -> bytes:
    """Give a migration's file with another one before it, or with none."""
    text = content.decode()
    down, place = (f'"{after}"', f", after {after}") if after else ("None", "")
    text = re.sub(r"^down_revision = .*$", f"down_revision = {down}", text, count=1, flags=re.MULTILINE)
    text = re.sub(
        rf"^(Revision: {re.escape(revision.id)}), after .*$", rf"\g<1>{place}", text, count=1, flags=re.MULTILINE
    )
    return text.encode()


def unfilled(content: bytes) -> list[str]:
    """Name the columns that a migration adds and that can't be null, without saying what they are in rows of before."""
    upgrade = [node for node in ast.parse(content).body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"]
    found = []
    for call in (node for function in upgrade for node in ast.walk(function)):
        match call:
            case ast.Call(
                func=ast.Attribute(attr="add_column"),
                args=[
                    ast.Constant(value=str(table)),
                    ast.Call(args=[ast.Constant(value=str(column)), *_], keywords=settings),
                ],
            ):
                said = {setting.arg: ast.unparse(setting.value) for setting in settings}
                if said.get("nullable") == "False" and "server_default" not in said:
                    found.append(f"{table}.{column}")
    return found


def interpreter_of(project: Path) -> str:
    """The Python that has what the service needs: that of its `.venv` where there is one, else this one."""
    for place in (".venv/bin/python", ".venv/Scripts/python.exe"):
        if (project / place).is_file():
            return str(project / place)
    return sys.executable


def autogenerate(project: Path, message: str) -> str | None:
    """Compare models and migrations on a PostgreSQL of its own, and write the migration that is missing.

    It is applied, taken back and applied again before this returns.

    Returns:
        Its relative POSIX path; None when models and migrations agree already.

    Raises:
        MigrationError: the comparison or the new migration failed; no migration was left behind.
    """
    message = _unused(project, message)
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "JWT_SECRET"}}
    environment |= {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [interpreter_of(project), str(AUTOGENERATE), message],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MigrationError(f"comparing models and migrations took longer than {LIMIT_SECONDS} s") from error
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise MigrationError(lines[-1] if lines else f"alembic ended with {done.returncode}")
    created: str | None = json.loads(done.stdout.splitlines()[-1])["created"]
    return created


def _unused(project: Path, message: str) -> str:
    """Number the message where a migration is called by it: Alembic names files by day and message, and overwrites."""
    stems = {file.stem.partition("_")[2] for file in (project / VERSIONS).glob("*.py")}
    names = [message, *(f"{message} {number}" for number in range(2, len(stems) + 2))]
    return next(name for name in names if re.sub(r"\W+", "_", name).lower() not in stems)
