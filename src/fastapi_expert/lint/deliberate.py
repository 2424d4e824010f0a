"""Code that is shown as wrong on purpose: marked in itself, by the line above it or by its heading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi_expert.pack.documents import Document
    from fastapi_expert.pack.markdown import Fence

_MARKED = r"[❌✗✘🚫👎⛔]|\b(?:bad|wrong|incorrect|anti-?\s?patterns?|not this|mistakes?)\b"
_WARNED = r"(?:avoid|don['\u2019]?ts?|do not|never)\b"
_PAST = (
    r"(?:before|old|legacy|deprecated|outdated|v1)\b"
    r"(?=\s*(?:$|[:(,/\u2014\u2013-]|(?:way|style|code|api|syntax|pattern)\b))"
)
_BAD = re.compile(rf"{_MARKED}|(?:^|[:;.(\u2014\u2013-]\s*){_WARNED}|\bavoid\W*$|^{_PAST}", re.IGNORECASE)
_GOOD = re.compile(
    r"^([✅✓✔👍]|(good|right|correct|do(?! not)|after|new|better|preferred|instead|recommended|fixed)\b)", re.IGNORECASE
)
# In code a comment is an instruction to the reader more often than a mark: only what starts with one counts.
_BAD_COMMENT = re.compile(rf"^(?:{_MARKED}|{_WARNED}(?! forget)|{_PAST})", re.IGNORECASE)
_COMMENT = re.compile(r"(?P<before>.*?)(?<!\S)#+\s*(?P<text>.*)")
_DECORATION = re.compile(r"^[\s>*_#+`|.\d)-]+")


def is_shown_as_wrong(document: Document, fence: Fence) -> bool:
    """The block stands under a heading, or after a line, that says that it is wrong."""
    above = _line_above(document, fence)
    if _GOOD.match(above):
        return False
    if _BAD.search(above):
        return True
    level = 7
    for heading in reversed([heading for heading in document.markdown.headings if heading.start < fence.start]):
        # A title stands over everything, so it marks nothing.
        if heading.level >= level or (level < 7 and heading.level == 1):
            continue
        text = _plain(heading.text)
        if _GOOD.match(text):
            return False
        if _BAD.search(text):
            return True
        level = heading.level
    return False


def lines_shown_as_wrong(lines: Sequence[str]) -> frozenset[int]:
    """The 1-based lines of code that are marked in themselves, or follow a marked comment up to one that says right."""
    marked = set()
    bad = False
    for number, line in enumerate(lines, start=1):
        comment = _COMMENT.fullmatch(line)
        text = _plain(comment["text"]) if comment else ""
        alone = comment is not None and not comment["before"].strip()
        if alone:
            bad = not _GOOD.match(text) and (bad or _BAD_COMMENT.match(text) is not None)
        if bad or (comment and not alone and _BAD_COMMENT.match(text)):
            marked.add(number)
    return frozenset(marked)


def _line_above(document: Document, fence: Fence) -> str:
    """The nearest line above the block that isn't empty or an HTML comment, if it is prose."""
    for number in range(fence.line - 1, max(fence.line - 6, 0), -1):
        line = document.source.line(number).strip()
        if line and not line.startswith("<!--"):
            return "" if line.startswith(("```", "~~~", "#", "---")) else _plain(line)
    return ""


def _plain(text: str) -> str:
    return _DECORATION.sub("", text).strip()
