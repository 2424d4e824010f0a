"""The validator, from a clone: `python validate.py [PATH …]`. Without a path it checks the clone itself."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> int:
    """Check what the command line names, and return the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one should read why
        print(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    sys.path.insert(0, str(ROOT / "src"))
    try:
        from fastapi_expert.cli import OneLineParser
        from fastapi_expert.lint.command import add_arguments, run

        parser = OneLineParser(prog="validate.py")
        add_arguments(parser)
        arguments = parser.parse_args()
        if not arguments.paths and not arguments.stdin_filename:
            arguments.paths = [ROOT]
        return run(arguments)
    except ModuleNotFoundError as error:
        print(f"error: {error.name} is not installed here; run: python3 dev.py check", file=sys.stderr)
        return 2


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
