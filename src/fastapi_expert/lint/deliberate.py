"""Code that is shown as wrong on purpose: marked in itself, by the line above it or by its heading."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi_expert.pack.documents import Document
    from fastapi_expert.pack.markdown import Fence

_MARKED = r"[❌✗✘🚫👎⛔]|\b(?:bad|wrong|incorrect|anti-?\s?patterns?|not this|mistakes?)\b"
_WARNED = r"(?:avoid|don['\u2019]?ts?|do not|never)\b"
_LABELLED = (
    r"(?:before|old|legacy|deprecated|outdated|v1|dangerous|insecure|vulnerable|unsafe)\b"
    r"(?=\s*(?:$|[:(,/\u2014\u2013-]|(?:way|style|code|api|syntax|pattern|example)\b))"
)
_BAD = rf"(?i){_MARKED}|(?:^|[:;.(\u2014\u2013-]\s*){_WARNED}|\bavoid\W*$|^{_LABELLED}"
_GOOD = r"(?i)^([✅✓✔👍]|(good|right|correct|do(?! not)|after|new|better|preferred|instead|recommended|fixed)\b)"
# What forbids, warns or speaks of finding something, in the languages of the packs that were read.
_FORBIDS = (
    rf"(?i){_MARKED}|\b(?:never|not|no|don['\u2019]?t|avoid\w*|without|forbid\w*|forbidden|block\w*|prevent\w*|refus\w*|den(?:y|ies|ied)|"
    r"ban(?:s|ned)?|detect\w*|reject\w*|prohibit\w*|warn\w*|attack\w*|injection|malicious|suspicious|danger\w*|risk\w*|"
    r"insecure|unsafe|vulnerab\w*|scan\w*|check for|look for|red flags?|violation\w*|bypass\w*|skip\w*|flag\w*|only if|"
    r"unless|must not|patterns?|grep|disallow\w*|cannot|can['\u2019]t|guard\w*)\b"
    r"|\u7981\u6b62|\u963b\u6b62|\u62e6\u622a|\u4e0d\u8981|\u907f\u514d|\u68c0\u6d4b|\u4efb\u4f55|\u30d6\u30ed\u30c3\u30af|\u691c\u51fa|\u3057\u306a\u3044|\u5168\u30b3\u30de\u30f3\u30c9|\uae08\uc9c0|\ucc28\ub2e8"
)
# In code a comment is an instruction to the reader more often than a mark: only what starts with one counts.
_BAD_COMMENT = rf"(?i)^(?:{_MARKED}|{_WARNED}(?! forget)|{_LABELLED})"
_COMMENT = re.compile(r"(?P<before>.*?)(?<!\S)#+\s*(?P<text>.*)")
_DECORATION = re.compile(r"^[\s>*_#+`|.\d)-]+")


def is_shown_as_wrong(document: Document, fence: Fence) -> bool:
    """The block stands under a heading, or after a line, that says that it is wrong."""
    verdict = _verdict(_line_above(document, fence))
    if verdict is not None:
        return verdict
    level = 7
    for heading in reversed([heading for heading in document.markdown.headings if heading.start < fence.start]):
        # A title stands over everything, so it marks nothing.
        if heading.level >= level or (level < 7 and heading.level == 1):
            continue
        verdict = _verdict(_plain(heading.text))
        if verdict is not None:
            return verdict
        level = heading.level
    return False


@lru_cache(maxsize=4096)
def _verdict(text: str) -> bool | None:
    """Whether a text says that what follows is wrong; None where it says nothing of the kind."""
    if re.match(_GOOD, text):
        return False
    return True if re.search(_BAD, text) else None


def is_said_not_to(document: Document, start: int, end: int) -> bool:
    """The text around a place forbids it, warns of it or speaks about it, rather than telling someone to do it."""
    source = document.source
    line = source.position(start)[0]
    for number in range(line, max(line - 3, 0), -1):
        text = source.line(number)
        if number < line and not text.strip():
            break
        if number < line and text.lstrip().startswith("<!--"):
            continue
        if re.search(_FORBIDS, text if number < line else text.replace(source.text[start:end], " ")):
            return True
    fence = next((fence for fence in document.markdown.fences if fence.start <= start < fence.content_end), None)
    if fence is not None:
        lines = fence.content.split("\n")
        return is_shown_as_wrong(document, fence) or line - fence.line in lines_shown_as_wrong(lines)
    level = 7
    for heading in reversed([heading for heading in document.markdown.headings if heading.start <= start]):
        if heading.level < level:
            if re.search(_BAD, _plain(heading.text)) or re.search(_FORBIDS, heading.text):
                return True
            level = heading.level
    return False


def lines_shown_as_wrong(lines: Sequence[str]) -> frozenset[int]:
    """The 1-based lines of code that are marked in themselves, or follow a marked comment up to one that says right."""
    marked = set[int]()
    bad = False
    for number, line in enumerate(lines, start=1):
        comment = _COMMENT.fullmatch(line) if "#" in line else None
        text = _plain(comment["text"]) if comment else ""
        alone = comment is not None and not comment["before"].strip()
        if alone:
            bad = not re.match(_GOOD, text) and (bad or re.match(_BAD_COMMENT, text) is not None)
        if bad or (comment and not alone and re.match(_BAD_COMMENT, text)):
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
