"""`fastapi-expert update`, `add` and `remove`: a rendered service brought to other options, or to a newer template."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from fastapi_expert.pack.location import content_root
from fastapi_expert.render.changes import Change, State, TargetError, write_changes
from fastapi_expert.render.command import add_option_arguments, option_values
from fastapi_expert.render.manifest import MANIFEST, ManifestError
from fastapi_expert.render.merge import OURS, YOURS, MergeError
from fastapi_expert.render.migrations import MigrationError, autogenerate, unfilled
from fastapi_expert.render.template import OptionError, Template, TemplateError, read_template
from fastapi_expert.render.tidy import TidyError
from fastapi_expert.render.update import is_record, plan_update

DONE, TO_SETTLE, REFUSED = 0, 1, 2
UNSETTLED = {State.CONFLICT, State.KEEP}
PROVE = "python check.py"
INSTALL = "pip install --no-deps -r requirements-dev.txt"
ERRORS = (ManifestError, MergeError, MigrationError, OptionError, TargetError, TemplateError, TidyError)


def add_update_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `update`."""
    template = read_template(content_root() / "templates" / "service")
    add_change_arguments(parser)
    add_option_arguments(parser, template)
    parser.set_defaults(run=lambda arguments: update(template, option_values(arguments), arguments))


def add_remove_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `remove`."""
    template = read_template(content_root() / "templates" / "service")
    parser.add_argument("pattern", choices=sorted(switches(template)), metavar="PATTERN", help="`list` shows them")
    add_change_arguments(parser)
    parser.set_defaults(run=partial(switch, template, False))


def switch(template: Template, value: bool, arguments: Namespace) -> int:
    """Turn the pattern that was named on or off."""
    return update(template, {switches(template)[arguments.pattern]: value}, arguments)


def switches(template: Template) -> dict[str, str]:
    """The patterns that a service can have or not, as they are written on the command line, with their options."""
    properties = template.options["properties"]
    return {
        name.replace("_", "-"): name
        for name, schema in properties.items()
        if schema.get("type") == "boolean" and not schema.get("given")
    }


def add_change_arguments(parser: ArgumentParser) -> None:
    """Give a parser what every change of an existing project takes."""
    parser.add_argument("--to", type=Path, default=Path(), metavar="PATH", help="the project (default: this folder)")
    parser.add_argument("--dry-run", action="store_true", help="show the changes as diffs, and write nothing")
    parser.add_argument("--force", action="store_true", help="also replace files that are in the way")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the report (default: text)")


def update(template: Template, values: Mapping[str, object], arguments: Namespace) -> int:
    """Bring the project to other option values and to the template as it is now.

    Returns:
        0 when it is done or there was nothing to do, 1 when conflicts are left, 2 when it is refused.
    """
    root = arguments.to.absolute()
    return carry_out(lambda: plan_update(root, template, values, force=arguments.force), arguments)


@dataclass(frozen=True)
class Left:
    """What is left to do when everything is written.

    Attributes:
        steps: each in a line.
        migration: the file that was made from the models, if one was.
        details: the same for programs, by name.
    """

    steps: list[str]
    migration: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def carry_out(
    plan: Callable[[], Sequence[Change]],
    arguments: Namespace,
    *,
    whole: bool = False,
    what_is_left: Callable[[Sequence[Change]], Left] | None = None,
) -> int:
    """Make a plan, write it or show it, and make the migration that it wants.

    Args:
        plan: gives the changes.
        arguments: as `add_change_arguments` describes them.
        whole: when no migration can be made, take everything back; without it, that is left to do.
        what_is_left: tells it of the changes; without it, they are of a service of ours.

    Returns:
        0 when it is done or there was nothing to do, 1 when conflicts are left, 2 when it is refused.
    """
    root = arguments.to.absolute()
    try:
        changes = plan()
        refused = [change for change in changes if change.state is State.REFUSE]
        if arguments.dry_run or refused:
            left = what_is_left(changes) if what_is_left else Left([])
            return _show(changes, refused, left, arguments)
        if changes:
            warn_of_unsaved_work(root)
        if arguments.format == "text":
            print("".join(change.diff() for change in changes if change.state is State.EDIT), end="")
        write_changes(root, changes)
        shown = [change for change in changes if not is_record(change)]
        unsettled = any(change.state in UNSETTLED for change in shown)
        try:
            if what_is_left is None:
                left = _left_in_service(root, shown, arguments, whole=whole and not unsettled)
            else:
                left = what_is_left(shown)
        except BaseException:
            write_changes(root, [change.reversed() for change in reversed(changes)])
            raise
    except ERRORS as error:
        print(f"fastapi-expert {arguments.command}: {error}", file=sys.stderr)
        return REFUSED
    report(shown, left, arguments)
    return TO_SETTLE if unsettled else DONE


def warn_of_unsaved_work(root: Path) -> None:
    """Say in a line when git has something that is not committed: it could not be told from this change."""
    try:
        done = subprocess.run(
            ["git", "status", "--porcelain"],  # noqa: S607
            cwd=root,
            capture_output=True,
            check=False,
        )
    except OSError:
        return
    if done.returncode == 0 and done.stdout:
        print("warning: git has uncommitted changes here; commit first to tell them from these", file=sys.stderr)


def _show(changes: Sequence[Change], refused: Sequence[Change], left: Left, arguments: Namespace) -> int:
    shown = [change for change in (refused or changes) if not is_record(change)]
    if arguments.format == "json":
        print(json.dumps(_described(shown, left), indent=2))
    else:
        for change in shown:
            print(f"{change.state:8}  {change.path}")
        print("".join(change.diff() for change in shown), end="")
        for step in () if refused else left.steps:
            print(f"next      {step}")
    if refused:
        names = ", ".join(change.path for change in refused)
        may_move = "package" in arguments and not (arguments.to / MANIFEST).is_file()
        ways = f"--force replaces it, {'--package NAME goes elsewhere' if may_move else 'or rename yours'}"
        print(f"{names}: something else lies there; nothing was written ({ways})", file=sys.stderr)
        return REFUSED
    if any(change.state in UNSETTLED for change in shown):
        return TO_SETTLE
    return DONE


def to_settle(changes: Iterable[Change]) -> list[str]:
    """Say how the conflicts among changes are settled."""
    return [f"settle {change.path}: {_how(change)}" for change in changes if change.state in UNSETTLED]


def _left_in_service(root: Path, changes: Sequence[Change], arguments: Namespace, *, whole: bool) -> Left:
    to_do = to_settle(changes)
    if any(change.path.startswith("requirements") for change in changes):
        to_do.append(INSTALL)
    migration = None
    if any(change.path.startswith("app/") for change in changes):
        message = f"{arguments.command} {getattr(arguments, 'pattern', '')}".strip()
        try:
            migration = autogenerate(root, message)
        except MigrationError as error:
            if whole:
                raise
            to_do.append(f"alembic upgrade head, then alembic revision --autogenerate -m '{message}' ({error})")
        else:
            if migration:
                to_do.append(f"read {migration}: it was made from the models")
                columns = ", ".join(unfilled((root / migration).read_bytes()))
                if columns:
                    to_do.append(f"say there what {columns} is in rows of before: it is never null, and has no default")
    if changes:
        to_do.append(PROVE)
    return Left(to_do, migration)


def _how(change: Change) -> str:
    if change.state is State.KEEP:
        return "the template has it no more, and you have changed it: delete it, or keep what uses it"
    return f"choose between `<<<<<<< {YOURS}` and `>>>>>>> {OURS}`"


def report(changes: Iterable[Change], left: Left, arguments: Namespace) -> None:
    """Say what was written, and what is left to do."""
    changes = list(changes)
    if arguments.format == "json":
        print(json.dumps(_described(changes, left), indent=2))
        return
    for change in changes:
        print(f"{change.state:8}  {change.path}")
    if left.migration:
        print(f"{State.CREATE:8}  {left.migration}")
    for step in left.steps:
        print(f"next      {step}")
    if not changes:
        print("nothing to do")


def _described(changes: Iterable[Change], left: Left) -> dict[str, Any]:
    written = [{"path": change.path, "state": str(change.state)} for change in changes]
    if left.migration:
        written.append({"path": left.migration, "state": str(State.CREATE)})
    return {"changes": written, "to_do": left.steps, **left.details}
