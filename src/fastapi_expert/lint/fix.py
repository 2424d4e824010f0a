"""Applying fixes: planned in memory until nothing changes, then written file by file, each whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi_expert.lint.report import shown_path
from fastapi_expert.lint.run import lint_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from fastapi_expert.lint.finding import Edit, Finding
    from fastapi_expert.lint.rule import Rule

PASSES = 10  # a fix may uncover another fault; this many in a row means that two rules disagree


def mended_texts(
    paths: Sequence[Path], rules: Sequence[Rule], *, unsafe: bool = False, given: Mapping[Path, str] | None = None
) -> dict[Path, str]:
    """What the files would hold with every fix applied, for those that would change.

    Args:
        paths: what to check.
        rules: the rules whose fixes to apply.
        unsafe: apply also the fixes that may change what a file means.
        given: texts to start from in place of what lies on disk, by absolute path.
    """
    texts: dict[Path, str] = {}
    for _ in range(PASSES):
        report = lint_paths(paths, rules, {**(given or {}), **texts})
        edits = _edits_by_file(report.findings, unsafe=unsafe)
        if not edits:
            break
        for item in report.pack.items:
            if item.source.path in edits:
                texts[item.source.path] = edited(item.source.text, edits[item.source.path])
    return texts


def _edits_by_file(findings: Iterable[Finding], *, unsafe: bool) -> dict[Path, list[Edit]]:
    """The edits of this pass: a fix that touches what an earlier one does waits for the next pass."""
    edits: dict[Path, list[Edit]] = {}
    for finding in findings:
        if finding.fix is None or not (finding.fix.safe or unsafe):
            continue
        chosen = edits.setdefault(finding.path, [])
        if not any(new.start <= old.end and old.start <= new.end for new in finding.fix.edits for old in chosen):
            chosen += finding.fix.edits
    return edits


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits applied that don't overlap."""
    parts, done = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, text[done:]])


def diff(texts: Mapping[Path, str], given: Mapping[Path, str] | None = None) -> str:
    """A unified diff from what lies on disk, or was given in its place, to the texts."""
    from fastapi_expert.differences import unified  # only this needs it

    parts: list[str] = []
    for path, text in sorted(texts.items()):
        before = (given or {}).get(path)
        if before is None:
            before = path.read_bytes().decode("utf-8")
        name = shown_path(path)
        parts.append(unified(before, text, f"a/{name}", f"b/{name}"))
    return "".join(parts)


def write(texts: Mapping[Path, str]) -> None:
    """Put the texts in place of the files, each whole or not at all.

    Raises:
        OSError: a file that can't be written; it is unchanged, and so are those after it.
    """
    if texts:
        from fastapi_expert.replacing import replace_file  # only this needs it

    for path, text in sorted(texts.items()):
        replace_file(path, text.encode("utf-8"))
