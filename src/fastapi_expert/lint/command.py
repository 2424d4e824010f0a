"""The command line of the validator, for `fastapi-expert lint` and `validate.py`."""

from __future__ import annotations

import argparse
import atexit
import gc
import io
import os
import sys
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi_expert.lint.baseline import BaselineError, new_findings, write_baseline
from fastapi_expert.lint.clients import CHOSEN_TARGETS, TARGETS
from fastapi_expert.lint.configuration import FILE, ConfigurationError, read_configuration
from fastapi_expert.lint.environment import INTERPRETER, InterpreterError, check_interpreter
from fastapi_expert.lint.fix import diff, mended_texts, write
from fastapi_expert.lint.report import as_agent, as_github, as_json, as_text
from fastapi_expert.lint.rule import RuleError, chosen_rules
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.pack.reading import PathError
from fastapi_expert.pack.source import SIZE_LIMIT

if TYPE_CHECKING:
    from fastapi_expert.lint.finding import Finding

FORMATS = ("text", "json", "sarif", "github", "agent")
KINDS = "agents/*.md, SKILL.md, *.agent.md, plugin.json, templates/*/template.yaml or tests/proofs/test_*.py"
CLEAN, FINDINGS, MISUSE = 0, 1, 2
DESCRIPTION = """\
Check agents, skills, templates and proofs. A folder is searched for agents/*.md, SKILL.md, *.agent.md,
templates/*/template.yaml and tests/proofs/test_*.py; a file is judged by its name and place.
Exit code: 0 no findings, 1 findings, 2 misuse or nothing to check."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the arguments of `run`. Without a path it checks the working directory."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="what to check")
    parser.add_argument("--format", choices=FORMATS, default="text", help="form of the report (default: text)")
    parser.add_argument("--select", type=_prefixes, metavar="ID,…", help="only these rules or families")
    parser.add_argument("--ignore", type=_prefixes, metavar="ID,…", help="all but these rules or families")
    parser.add_argument("--target", type=_targets, metavar="NAME,…", help=f"who reads it: {', '.join(TARGETS)}")
    parser.add_argument("--fix", action="store_true", help="mend what rules know how to mend, then report the rest")
    parser.add_argument("--diff", action="store_true", help="show what --fix would change, and write nothing")
    parser.add_argument("--unsafe", action="store_true", help="with --fix or --diff: also what may change the meaning")
    parser.add_argument("--python", metavar="PATH", help="judge imports by this interpreter (default: this one)")
    parser.add_argument("--baseline", type=Path, metavar="FILE", help="report only what this file doesn't know")
    parser.add_argument("--write-baseline", type=Path, metavar="FILE", help="remember all findings, report none")
    parser.add_argument("--stdin-filename", type=Path, metavar="PATH", help="check standard input under this name")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help=f"take this {FILE} or pyproject.toml, not the nearest"
    )
    parser.add_argument("--explain", metavar="ID", help="print what a rule wants and why, and check nothing")
    parser.set_defaults(run=run)


def _prefixes(text: str) -> tuple[str, ...]:
    return tuple(part.strip().upper() for part in text.split(",") if part.strip())


def _targets(text: str) -> tuple[str, ...]:
    names = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    unknown = [name for name in names if name not in TARGETS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{text!r} names no client; there are {', '.join(TARGETS)}")
    return names


def run(arguments: argparse.Namespace) -> int:
    """Check what the arguments name, print the report, and return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    collecting = gc.isenabled()
    gc.disable()  # all that is read is needed until the end; to look for garbage in it takes a quarter of a run
    atexit.register(gc.freeze)  # and so does a last look, before the process is gone and all with it
    try:
        # In a context of its own: what it chooses holds for this run.
        status = _explain(arguments.explain) if arguments.explain else copy_context().run(_check, arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` say, has seen enough: give the rest to nobody
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except (BaselineError, ConfigurationError, InterpreterError, PathError, RuleError) as error:
        return _misused(" ".join(str(error).split()))
    except OSError as error:
        return _misused(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    finally:
        if collecting:
            gc.enable()
    return status


def _explain(identifier: str) -> int:
    from fastapi_expert.lint.explain import explain

    return explain(identifier)


def _check(arguments: argparse.Namespace) -> int:
    paths: list[Path] = arguments.paths or [Path()]
    if arguments.paths and arguments.stdin_filename:
        return _misused("--stdin-filename names what is checked, so it goes without a PATH")
    if arguments.unsafe and not (arguments.fix or arguments.diff):
        return _misused("--unsafe goes with --fix or --diff")
    if arguments.baseline and arguments.write_baseline:
        return _misused("--baseline and --write-baseline go one at a time")
    configuration = read_configuration(arguments.config)
    try:
        chosen_rules(configuration.prefixes())  # each of them names a rule
    except RuleError as error:
        raise ConfigurationError(f"{configuration.file}: {error}") from error
    select = configuration.select if arguments.select is None else arguments.select
    rules = chosen_rules(select, configuration.ignore if arguments.ignore is None else arguments.ignore)
    python = arguments.python or configuration.python
    if python:
        check_interpreter(python)
    INTERPRETER.set(python or sys.executable)
    CHOSEN_TARGETS.set(frozenset(arguments.target or configuration.target))
    given: dict[Path, str] = {}
    if arguments.stdin_filename:
        path = Path(os.path.abspath(arguments.stdin_filename))  # noqa: PTH100 - as read_pack makes it
        paths, given = [path], {path: _standard_input()}
    texts = {}
    if arguments.fix or arguments.diff:
        texts = mended_texts(paths, rules, unsafe=arguments.unsafe, given=given)
    if given and arguments.fix and not arguments.diff:
        print(texts.get(paths[0], given[paths[0]]), end="")
        given |= texts
    elif not arguments.diff:
        write(texts)
    report = lint_paths(paths, rules, given)
    if not report.checked:
        return _misused(f"nothing to check in {', '.join(map(str, paths))}: no {KINDS}")
    findings = [finding for finding in report.findings if configuration.wants(finding)]
    if arguments.write_baseline:
        count = write_baseline(arguments.write_baseline, findings)
        print(f"{count} findings remembered in {arguments.write_baseline}")
        return CLEAN
    baseline = arguments.baseline or configuration.baseline
    if baseline:
        findings = new_findings(baseline, findings)
    if arguments.diff:
        print(diff(texts, given), end="")
    else:
        output = sys.stderr if given and arguments.fix else sys.stdout
        print(_report(findings, report.checked, len(texts), arguments.format), end="", file=output)
    return FINDINGS if findings else CLEAN


def _misused(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return MISUSE


def _standard_input() -> str:
    """What an editor sends, as UTF-8 and with its line ends."""
    raw = sys.stdin.buffer.read(SIZE_LIMIT + 1)
    if len(raw) > SIZE_LIMIT:
        raise PathError(f"standard input: more than {SIZE_LIMIT:,} bytes")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PathError(f"standard input: not UTF-8, byte 0x{raw[error.start]:02x} at offset {error.start}") from error


def _report(findings: list[Finding], checked: int, fixed: int, form: str) -> str:
    match form:
        case "json":
            return as_json(findings, checked, fixed=fixed)
        case "sarif":
            from fastapi_expert.lint.sarif import as_sarif

            return as_sarif(findings)
        case "github":
            return as_github(findings)
        case "agent":
            return as_agent(findings, checked)
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return as_text(findings, checked, fixed=fixed, colour=colour)
