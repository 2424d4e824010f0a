"""Findings that a file itself answers: a comment with the rules, and the reason why they don't hold here.

    <!-- fastapi-expert: ignore SF002 -- the vendor gives no other way -->

The comment, or one after `#` in frontmatter and code, speaks for its own line; standing alone, for the line below and,
where that opens a block, for the block. `ignore-file` speaks for the whole file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi_expert.lint.rule import known_ids
from fastapi_expert.pack.documents import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi_expert.lint.finding import Finding
    from fastapi_expert.pack.documents import Item
    from fastapi_expert.pack.reading import Pack

MARK = "fastapi-expert: ignore"
FORM = f"{MARK} RULE, RULE -- reason"
_START = re.compile(r"(?:<!--|#)[ \t]*fastapi-expert:[ \t]*ignore")
_COMMENT = re.compile(
    r"(?:<!--|#)[ \t]*fastapi-expert:[ \t]*ignore(?P<file>-file)?\b[ \t]*(?P<rules>[A-Za-z0-9, \t]*?)"
    r"(?:[ \t]*--[ \t]*(?P<reason>(?!>)[^\n]*?))?[ \t]*(?:-->|$)",
    re.MULTILINE,
)


@dataclass(frozen=True, eq=False)
class Suppression:
    """One such comment.

    Attributes:
        item: the file.
        start: offset of the comment.
        rules: the ids that it names; none where it can't be read.
        reason: why they don't hold, empty where it says none.
        lines: the 1-based lines that it speaks for, None for the whole file.
    """

    item: Item
    start: int
    rules: tuple[str, ...]
    reason: str
    lines: range | None

    def covers(self, finding: Finding) -> bool:
        """It answers a finding of its file; without a reason it answers none."""
        here = self.lines is None or finding.line in self.lines
        return bool(self.reason) and here and finding.rule in self.rules


def suppressions(item: Item) -> list[Suppression]:
    """The comments of a file, in its order."""
    source = item.source
    if MARK not in source.text:
        return []
    found = []
    for start in _START.finditer(source.text):
        match = _COMMENT.match(source.text, start.start())
        if match is None:
            found.append(Suppression(item, start.start(), (), "", None))
            continue
        line, column = source.position(match.start())
        alone = (
            not source.line(line)[: column - 1].strip(" \t>")
            and not source.text[match.end() :].partition("\n")[0].strip()
        )
        lines = range(line, line + 2 if alone else line + 1)
        if alone and isinstance(item, Document):
            block = next((fence for fence in item.markdown.fences if fence.line == line + 1), None)
            if block is not None:
                lines = range(line, source.position(block.content_end)[0] + 1)
        rules = tuple(part.upper() for part in re.split(r"[,\s]+", match["rules"].strip()) if part)
        found.append(Suppression(item, match.start(), rules, match["reason"] or "", None if match["file"] else lines))
    return found


def answered(pack: Pack, findings: Iterable[Finding]) -> tuple[list[Finding], list[Suppression]]:
    """The findings that no comment answers, and the comments in order that answer nothing."""
    by_path = {item.source.path: suppressions(item) for item in pack.items if item.source.asked}
    used = set[Suppression]()
    left = []
    for finding in findings:
        answers = [one for one in by_path.get(finding.path, ()) if one.covers(finding)]
        used.update(answers)
        if not answers:
            left.append(finding)
    known = known_ids()
    return left, [
        one
        for found in by_path.values()
        for one in found
        if one.reason and one.rules and known.issuperset(one.rules) and one not in used
    ]
