"""Arguments in, exit code out."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import NoReturn

# What each command does, and the module that brings its arguments: only the one that is called is imported.
COMMANDS = {
    "new": ("render a service, with its tests, into a new folder", "fastapi_expert.render.command"),
    "lint": ("check agents, skills and templates, and the code inside them", "fastapi_expert.lint.command"),
    "explain": ("say what a rule is for, with a wrong and a right sample", "fastapi_expert.lint.explain"),
    "list": ("show the templates, their options, and the skills", "fastapi_expert.listing"),
    "demo": ("check the pack, render a service and run it on its own PostgreSQL", "fastapi_expert.demo"),
}


class OneLineParser(ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and one line."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def build_parser(called: str | None) -> ArgumentParser:
    """Describe every command, and the arguments of the one that is called."""
    parser = OneLineParser(prog="fastapi-expert", description="The FastAPI backend expert for coding assistants.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('fastapi-expert')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (summary, module) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name == called:
            import_module(module).add_arguments(command)
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
    return status


if __name__ == "__main__":
    sys.exit(main())
