"""The command line of the validator, for `fastapi-expert lint` and `validate.py`."""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path

from fastapi_expert.lint.environment import INTERPRETER, InterpreterError, check_interpreter
from fastapi_expert.lint.explain import explain
from fastapi_expert.lint.fix import diff, mended_texts, write
from fastapi_expert.lint.report import as_json, as_text
from fastapi_expert.lint.rule import RuleError, chosen_rules
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.pack.reading import PathError

CLEAN, FINDINGS, MISUSE = 0, 1, 2
DESCRIPTION = """\
Check agents, skills, templates and proofs. A folder is searched for agents/*.md, SKILL.md, *.agent.md,
templates/*/template.yaml and tests/proofs/test_*.py; a file is judged by its name and place.
Exit code: 0 no findings, 1 findings, 2 misuse or nothing to check."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the arguments of `run`. Without a path it checks the working directory."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paths", nargs="*", type=Path, default=[Path()], metavar="PATH", help="what to check")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="form of the report (default: text)")
    parser.add_argument("--select", type=_prefixes, default=(), metavar="ID,…", help="only these rules or families")
    parser.add_argument("--ignore", type=_prefixes, default=(), metavar="ID,…", help="all but these rules or families")
    parser.add_argument("--fix", action="store_true", help="mend what rules know how to mend, then report the rest")
    parser.add_argument("--diff", action="store_true", help="show what --fix would change, and write nothing")
    parser.add_argument("--unsafe", action="store_true", help="with --fix or --diff: also what may change the meaning")
    parser.add_argument("--python", metavar="PATH", help="judge imports by this interpreter (default: this one)")
    parser.add_argument("--explain", metavar="ID", help="print what a rule wants and why, and check nothing")
    parser.set_defaults(run=run)


def _prefixes(text: str) -> tuple[str, ...]:
    return tuple(part.strip().upper() for part in text.split(",") if part.strip())


def run(arguments: argparse.Namespace) -> int:
    """Check what the arguments name, print the report, and return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = explain(arguments.explain) if arguments.explain else _check(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` say, has seen enough: give the rest to nobody
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except (InterpreterError, PathError, RuleError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return MISUSE
    return status


def _check(arguments: argparse.Namespace) -> int:
    paths: list[Path] = arguments.paths
    if arguments.unsafe and not (arguments.fix or arguments.diff):
        print("error: --unsafe goes with --fix or --diff", file=sys.stderr)
        return MISUSE
    rules = chosen_rules(arguments.select, arguments.ignore)
    if arguments.python:
        check_interpreter(arguments.python)
    INTERPRETER.set(arguments.python or sys.executable)
    texts = {}
    if arguments.fix or arguments.diff:
        texts = mended_texts(paths, rules, unsafe=arguments.unsafe)
    if not arguments.diff:
        write(texts)
    report = lint_paths(paths, rules)
    if not report.checked:
        print(
            f"error: nothing to check in {', '.join(map(str, paths))}: "
            "no agents/*.md, SKILL.md, *.agent.md, templates/*/template.yaml or tests/proofs/test_*.py",
            file=sys.stderr,
        )
        return MISUSE
    if arguments.diff:
        print(diff(texts), end="")
    elif arguments.format == "json":
        print(as_json(report.findings, report.checked, fixed=len(texts)), end="")
    else:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        print(as_text(report.findings, report.checked, fixed=len(texts), colour=colour), end="")
    return FINDINGS if report.findings else CLEAN
