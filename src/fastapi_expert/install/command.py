"""`fastapi-expert install`, `status` and `uninstall`."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from fastapi_expert.install.assistants import ASSISTANTS, Assistant, NoContentError
from fastapi_expert.install.installation import Installation, LinkError, RecordError

FIRST_WORDS = '"Add POST /users so people can register."'

_BELOW_A_SKILL = re.compile(r"(/skills/[^/]+)/.*")


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `install`."""
    _add_choice(parser, "those in use here")
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, and write nothing")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--copy", dest="link", action="store_false", help="copy the files (default)")
    how.add_argument("--link", action="store_true", help="link to this program's own files where that can be done")
    parser.set_defaults(run=partial(_guarded, install), link=False)


def add_status_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `status`."""
    _add_scope(parser)
    parser.set_defaults(run=partial(_guarded, status))


def add_uninstall_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `uninstall`."""
    _add_choice(parser, "all")
    parser.set_defaults(run=partial(_guarded, uninstall))


def _add_choice(parser: ArgumentParser, default: str) -> None:
    _add_scope(parser)
    parser.add_argument(
        "--for",
        dest="assistants",
        action="extend",
        nargs="+",
        choices=list(ASSISTANTS),
        metavar="ASSISTANT",
        help=f"{', '.join(ASSISTANTS)} (any other that reads .agents/skills); several are fine (default: {default})",
    )


def _add_scope(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--scope", choices=("project", "user"), default="project", help="this folder, or your home (default: project)"
    )


def _guarded(action: Callable[[Path, Namespace], int], arguments: Namespace) -> int:
    try:
        return action(Path.home() if arguments.scope == "user" else Path.cwd(), arguments)
    except (LinkError, NoContentError, RecordError, RuntimeError, OSError) as error:
        print(f"fastapi-expert {arguments.command}: {error}", file=sys.stderr)
        return 2


def install(root: Path, arguments: Namespace) -> int:
    """Put the agent and the skills below `root`, for the chosen assistants.

    Returns:
        0 when they are there, 2 when nothing was written because something is in the way.
    """
    chosen = _chosen(root, arguments.assistants)
    if not chosen:
        names = " or ".join(f"--for {name}" for name in ASSISTANTS)
        print(f"fastapi-expert install: no assistant found: name one with {names}", file=sys.stderr)
        return 2
    installation = Installation.read(root)
    wanted = {assistant.name: assistant.files(arguments.scope, link=arguments.link) for assistant in chosen}
    plan = installation.plan(wanted)
    for path in plan.in_the_way:
        print(f"fastapi-expert install: {root / path} is not ours, or was edited: move it away", file=sys.stderr)
    if plan.in_the_way:
        return 2
    if arguments.dry_run:
        actions = _by_skill("write", plan.written) + _by_skill("remove", plan.removed)
        print("\n".join(actions) or "nothing to do")
        return 0
    installation.carry_out(plan, wanted)
    for path in plan.kept:
        print(f"kept     {path}: no longer needed, but edited")
    for assistant in chosen:
        print(_described(assistant, arguments.scope))
    top = _repository(root)
    if arguments.scope == "project" and top not in {None, root}:
        print(f"place    {root}; an assistant started in {top} won't find it: install there for all below it")
    print(f"next     start it and say {FIRST_WORDS}")
    return 0


def _by_skill(verb: str, paths: Iterable[str]) -> list[str]:
    """A line for each agent, and one for each skill, however many files it has."""
    counts = Counter(_BELOW_A_SKILL.sub(r"\1", path) for path in paths)
    return [f"{verb:8} {path}" + (f" ({count} files)" if count > 1 else "") for path, count in counts.items()]


def _described(assistant: Assistant, scope: str) -> str:
    agent = f"agent in {assistant.agents.place.below(scope)}, " if assistant.agents else ""
    note = f" ({assistant.note})" if assistant.note and scope == "project" else ""
    return f"{assistant.name:8} {agent}ten skills in {assistant.skills.below(scope)}{note}"


def _chosen(root: Path, names: list[str] | None) -> list[Assistant]:
    if names:
        return [ASSISTANTS[name] for name in dict.fromkeys(names)]
    top = _repository(root) or root
    folders = [folder for folder in (root, *root.parents) if folder.is_relative_to(top)]
    return [each for each in ASSISTANTS.values() if any(each.in_use(folder) for folder in folders)]


def _repository(folder: Path) -> Path | None:
    """The top of the repository that a folder lies in."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def status(root: Path, arguments: Namespace) -> int:
    """Say what is installed below `root`, and what is no longer as this program would write it.

    Returns:
        0 when all is as written and up to date, 1 when it isn't.
    """
    installation = Installation.read(root)
    if not installation.recorded:
        print(f"nothing is installed below {root}")
        return 0
    clean = True
    for name, files in installation.recorded.items():
        print(f"{name:8} {len(files)} files below {root}")
        changed = [f"edited   {path}" for path in installation.edited(name)]
        changed += [f"missing  {path}" for path in installation.missing(name)]
        if not changed and name in ASSISTANTS and _is_outdated(installation, ASSISTANTS[name], arguments.scope):
            changed = [f"outdated {name}: install again"]
        if changed:
            print("\n".join(changed))
            clean = False
    return 0 if clean else 1


def _is_outdated(installation: Installation, assistant: Assistant, scope: str) -> bool:
    """Whether installing would change something; a copy of the program that has nothing to install can't tell."""
    linked = any(mark.startswith("-> ") for mark in installation.recorded[assistant.name].values())
    try:
        plan = installation.plan({assistant.name: assistant.files(scope, link=linked)})
    except NoContentError:
        return False
    return bool(plan.written or plan.removed)


def uninstall(root: Path, arguments: Namespace) -> int:
    """Take away what `install` wrote below `root`, except what was edited since."""
    installation = Installation.read(root)
    chosen = [name for name in installation.recorded if name in (arguments.assistants or installation.recorded)]
    for path in installation.remove(chosen):
        print(f"kept     {path}: edited")
    print(f"removed  {', '.join(chosen) or 'nothing: nothing is installed'} below {root}")
    return 0
