"""Arguments in, exit code out."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from fastapi_expert import __version__

# What each command does, and what describes its arguments: only the module of the one that is called is imported.
COMMANDS = {
    "new": ("render a service, with its tests, into a new folder", "render.command:add_arguments"),
    "update": (
        "bring a service to other options or a newer template",
        "render.update_command:add_update_arguments",
    ),
    "add": ("put a pattern into any FastAPI project, or a resource into a service", "render.add_command:add_arguments"),
    "remove": ("take a pattern out of a service", "render.update_command:add_remove_arguments"),
    "lint": ("check agents, skills and templates, and the code inside them", "lint.command:add_arguments"),
    "explain": ("say what a rule is for, with a wrong and a right sample", "lint.explain:add_arguments"),
    "list": ("show the templates, their options, and the skills", "listing:add_arguments"),
    "install": ("put the agent and the skills where your assistant looks", "install.command:add_arguments"),
    "status": ("say what is installed here, and what was edited since", "install.command:add_status_arguments"),
    "uninstall": ("take away what install wrote", "install.command:add_uninstall_arguments"),
    "eval": (
        "let an assistant play the cases, with the pack and without it, and grade what it leaves",
        "evals.command:add_arguments",
    ),
    "demo": ("check the pack, render a service and run it on its own PostgreSQL", "demo:add_arguments"),
}


class OneLineParser(ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and one line."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def build_parser(called: str | None) -> ArgumentParser:
    """Describe every command, and the arguments of the one that is called."""
    parser = OneLineParser(prog="fastapi-expert", description="The FastAPI backend expert for coding assistants.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (summary, place) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name == called:
            module, function = place.split(":")
            getattr(import_module(f"fastapi_expert.{module}"), function)(command)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 clean or done, 1 findings or failure, 2 misuse.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    called = next((argument for argument in arguments if not argument.startswith("-")), None)
    parsed = build_parser(called).parse_args(arguments)
    try:
        status: int = parsed.run(parsed)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        sys.stderr.close()
        return 0
    except OSError as error:  # of a file that can't be read: what writes takes back what it wrote
        reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        print(f"fastapi-expert {parsed.command}: {reason}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
