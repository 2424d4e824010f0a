"""`fastapi-expert install`, `status` and `uninstall`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fastapi_expert.install.assistants import ASSISTANTS, Assistant
from fastapi_expert.install.installation import Installation, RecordError


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `install`."""
    _add_scope(parser)
    parser.add_argument(
        "--for",
        dest="assistants",
        action="append",
        choices=list(ASSISTANTS),
        help="claude, or agents for those that read .agents/skills; again for several (default: those in use)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, and write nothing")
    parser.set_defaults(run=partial(_guarded, install))


def add_status_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `status`."""
    _add_scope(parser)
    parser.set_defaults(run=partial(_guarded, status))


def add_uninstall_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `uninstall`."""
    _add_scope(parser)
    parser.set_defaults(run=partial(_guarded, uninstall))


def _add_scope(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--scope", choices=("project", "user"), default="project", help="this folder, or your home (default: project)"
    )


def _guarded(action: Callable[[Path, Namespace], int], arguments: Namespace) -> int:
    root = Path.home() if arguments.scope == "user" else Path.cwd()
    try:
        return action(root, arguments)
    except (RecordError, OSError) as error:
        print(f"fastapi-expert: {error}", file=sys.stderr)
        return 2


def install(root: Path, arguments: Namespace) -> int:
    """Write the agent and the skills for the chosen assistants below `root`.

    Returns:
        0 when they are there, 2 when nothing was written because something is in the way.
    """
    chosen = _chosen(root, arguments.assistants)
    if not chosen:
        print(
            f"fastapi-expert install: no assistant found: name one with --for {' or --for '.join(ASSISTANTS)}",
            file=sys.stderr,
        )
        return 2
    installation = Installation.read(root)
    wanted = {path: content for assistant in chosen for path, content in assistant.files().items()}
    in_the_way = installation.conflicts(wanted)
    for path in in_the_way:
        print(f"fastapi-expert install: {root / path} is not ours, or was edited: move it away", file=sys.stderr)
    if in_the_way:
        return 2
    changes = installation.changes(wanted)
    if arguments.dry_run:
        print("\n".join(sorted(changes)) or "nothing to do")
        return 0
    installation.write(wanted)
    names = " and ".join(assistant.name for assistant in chosen)
    print(f"{names}: {len(wanted)} files below {root}, {len(changes)} of them written now")
    return 0


def _chosen(root: Path, names: list[str] | None) -> list[Assistant]:
    if names:
        return [ASSISTANTS[name] for name in dict.fromkeys(names)]
    return [assistant for assistant in ASSISTANTS.values() if assistant.in_use(root)]


def status(root: Path, _arguments: Namespace) -> int:
    """Say what is installed below `root`, and what was edited since."""
    installation = Installation.read(root)
    print(f"{len(installation.recorded)} files below {root}")
    for path in installation.edited():
        print(f"edited: {path}")
    return 0


def uninstall(root: Path, _arguments: Namespace) -> int:
    """Take away what `install` wrote below `root`, except what was edited since."""
    for path in Installation.read(root).remove():
        print(f"kept, because it was edited: {path}")
    return 0
