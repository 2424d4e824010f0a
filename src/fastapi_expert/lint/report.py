"""Findings as text for people and as JSON for programs."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi_expert.lint.rule import Symlink

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapi_expert.lint.finding import Finding
    from fastapi_expert.lint.rule import Rule

JSON_VERSION = 1
WIDTH = 120  # characters of a source line that are shown
_COLOURS = {"error": "31", "warning": "33", "bold": "1", "dim": "2"}
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def as_text(findings: Sequence[Finding], checked: int, *, fixed: int = 0, colour: bool = False) -> str:
    """One paragraph a finding and a line that sums up."""

    def paint(text: str, name: str) -> str:
        return f"\x1b[{_COLOURS[name]}m{text}\x1b[0m" if colour else text

    paragraphs = []
    for finding in findings:
        place = f"{shown_path(finding.path)}:{finding.line}:{finding.column}"
        head = f"{paint(_clean(place), 'bold')} {paint(finding.severity, finding.severity)} {finding.rule}"
        lines = [f"{head} {_clean(finding.message)}"]
        if finding.text.strip():
            text, column = _window(finding.text, finding.column)
            number = f"{finding.line:>5} | "
            lines.append(paint(number, "dim") + text)
            lines.append(
                " " * (len(number) - 2) + paint("| ", "dim") + " " * (column - 1) + paint("^", finding.severity)
            )
        if finding.help:
            lines.append(f"  help: {_clean(finding.help)}{_fix_note(finding)}")
        paragraphs.append("\n".join(lines))
    return "\n\n".join([*paragraphs, _summary(findings, checked, fixed)]) + "\n"


def as_json(findings: Iterable[Finding], checked: int, *, fixed: int = 0) -> str:
    """One object: how many files were checked and mended, and every finding with its fix."""
    return (
        json.dumps(
            {
                "version": JSON_VERSION,
                "checked": checked,
                "fixed": fixed,
                "findings": [
                    {
                        "path": shown_path(finding.path),
                        "line": finding.line,
                        "column": finding.column,
                        "rule": finding.rule,
                        "severity": finding.severity,
                        "message": finding.message,
                        "help": finding.help,
                        "fix": finding.fix
                        and {
                            "safe": finding.fix.safe,
                            "edits": [
                                {"start": edit.start, "end": edit.end, "text": edit.text} for edit in finding.fix.edits
                            ],
                        },
                    }
                    for finding in findings
                ],
            },
            indent=2,
        )
        + "\n"
    )


def as_github(findings: Iterable[Finding]) -> str:
    """Workflow commands, which GitHub shows beside the lines of a change."""

    def escaped(text: str, more: str = "") -> str:
        for sign in "%\r\n" + more:
            text = text.replace(sign, f"%{ord(sign):02X}")
        return text

    lines = []
    for finding in findings:
        path = escaped(shown_path(finding.path), ":,")
        message = f"{finding.message}; {finding.help}" if finding.help else finding.message
        place = f"file={path},line={finding.line},col={finding.column},title={finding.rule}"
        lines.append(f"::{finding.severity} {place}::{escaped(_clean(message))}\n")
    return "".join(lines)


def as_agent(findings: Sequence[Finding], checked: int) -> str:
    """A line a finding, short enough for an assistant to act on, and what to do first."""
    if not findings:
        return f"ok: {_count(checked, 'file')} checked, nothing to do\n"
    lines = []
    fixable = sum(finding.fix is not None and finding.fix.safe for finding in findings)
    if fixable:
        lines.append(f"first: run the same command with --fix, it mends {fixable} of {len(findings)}")
    for finding in findings:
        what = f"{finding.message} => {finding.help}" if finding.help else finding.message
        mark = " [--fix]" if finding.fix is not None and finding.fix.safe else ""
        lines.append(f"{shown_path(finding.path)}:{finding.line}:{finding.column} {finding.rule}{mark} {_clean(what)}")
    rules = sorted({finding.rule for finding in findings})
    lines.append(f"then: mend the rest, run it again until it says ok; why: fastapi-expert explain {rules[0]}")
    return "\n".join(lines) + "\n"


def explanation(rule: Rule) -> str:
    """What a rule wants and why, with the part of its samples that differs."""
    parts = [f"{rule.id} ({rule.severity}): {rule.summary}", rule.reason]
    for title, files, others in (("Wrong", rule.wrong, rule.right), ("Right", rule.right, rule.wrong)):
        for path, content in files.items():
            if others.get(path) != content:
                parts.append(f"{title}, {path}:\n\n{_sample(content)}")
    return "\n\n".join(parts) + "\n"


def _sample(content: str | bytes | Symlink) -> str:
    return "\n".join(f"    {line}".rstrip() for line in sample_text(content).split("\n"))


def sample_text(content: str | bytes | Symlink) -> str:
    """A sample as people can read it: control characters written out, and the middle of a long one left out."""
    if isinstance(content, Symlink):
        return f"(a symbolic link to {content.target}, which doesn't exist)"
    text = content.decode("utf-8", errors="backslashreplace") if isinstance(content, bytes) else content
    lines = [_UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", line) for line in text.split("\n")]
    if len(lines) > 30:
        lines = [*lines[:12], f"… {len(lines) - 16} more lines …", *lines[-4:]]
    return "\n".join(line if len(line) <= 400 else f"{line[:200]} … {line[-60:]}" for line in lines).rstrip()


def shown_path(path: Path) -> str:
    """Relative to the working directory where the file lies below it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else os.fspath(path)


def _clean(text: str) -> str:
    """Control characters would let a file write to the reader's terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _window(text: str, column: int) -> tuple[str, int]:
    """The part of a line around a 1-based column, and the column within it."""
    start = max(0, column - WIDTH // 2) if len(text) > WIDTH else 0
    return _clean(text.replace("\t", " ")[start : start + WIDTH]), column - start


def _fix_note(finding: Finding) -> str:
    if finding.fix is None:
        return ""
    return " (--fix does it)" if finding.fix.safe else " (--fix --unsafe does it)"


def _summary(findings: Sequence[Finding], checked: int, fixed: int) -> str:
    counts = Counter(finding.severity for finding in findings)
    parts = [_count(counts[severity], severity) for severity in ("error", "warning") if counts[severity]]
    mended = f"; {_count(fixed, 'file')} mended" if fixed else ""
    return f"{_count(checked, 'file')} checked: {', '.join(parts) or 'no findings'}{mended}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
