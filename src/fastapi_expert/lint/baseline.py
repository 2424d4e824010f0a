"""Findings that were there before: a file remembers them, and only new ones are reported.

A finding is known by its file, its rule and the text of its line, so that it stays known when lines move.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from fastapi_expert.lint.finding import Finding

VERSION = 1


class BaselineError(ValueError):
    """A baseline that can't be used, with what is wrong with it."""


def write_baseline(file: Path, findings: Iterable[Finding]) -> int:
    """Remember the findings, and return how many they are.

    Raises:
        OSError: the file can't be written; what was there is unchanged.
    """
    from fastapi_expert.replacing import replace_file  # a run with a baseline doesn't need it

    counts = Counter(_key(file, finding) for finding in findings)
    entries = [
        {"path": path, "rule": rule, "line": line, "count": counts[path, rule, line]}
        for path, rule, line in sorted(counts)
    ]
    text = json.dumps({"version": VERSION, "findings": entries}, indent=2, ensure_ascii=False)
    replace_file(file.absolute(), f"{text}\n".encode(errors="backslashreplace"))
    return sum(counts.values())


def new_findings(file: Path, findings: Iterable[Finding]) -> list[Finding]:
    """The findings that a baseline doesn't remember.

    Raises:
        BaselineError: the file doesn't exist, or is no baseline.
        OSError: it can't be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BaselineError(f"{file}: there is no such file; write it with --write-baseline {file}") from error
    except UnicodeDecodeError:
        text = ""
    try:
        entries = json.loads(text)["findings"]
        left = Counter({(entry["path"], entry["rule"], entry["line"]): int(entry["count"]) for entry in entries})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BaselineError(f"{file}: not a baseline; write one with --write-baseline {file}") from error
    new = []
    for finding in findings:
        key = _key(file, finding)
        if left[key] > 0:
            left[key] -= 1
        else:
            new.append(finding)
    return new


def _key(file: Path, finding: Finding) -> tuple[str, str, str]:
    """Paths are relative to the baseline's folder, so that a clone elsewhere knows them."""
    path = os.path.relpath(finding.path, file.absolute().parent).replace(os.sep, "/")
    return path, finding.rule, finding.text.strip()[:200]
