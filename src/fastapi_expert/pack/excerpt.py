"""Examples in place: a comment that says which template code the block below it stands for.

<!-- example: service app/core/database.py::get_session -->
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fastapi_expert.pack.markdown import Comment, Fence, Markdown

FORM = "<!-- example: TEMPLATE FILE::SYMBOL, SYMBOL -->"
_PREFIX = re.compile(r"\s*example:")
_REFERENCE = re.compile(
    r"\s*example:\s+(?P<template>[\w-]+)\s+(?P<file>[^\s:]+)(::(?P<symbols>[\w.]+(\s*,\s*[\w.]+)*))?\s*"
)


class Excerpt(NamedTuple):
    """One such comment.

    Attributes:
        comment: the comment itself.
        template: the template's name, empty where the comment can't be read.
        file: the rendered file's path within the template.
        symbols: dotted Python names; none means the whole file.
        fence: the block on the next line, if there is one.
    """

    comment: Comment
    template: str
    file: str
    symbols: tuple[str, ...]
    fence: Fence | None


def read_excerpts(markdown: Markdown) -> list[Excerpt]:
    """The comments that name an example, each with the block below it."""
    fences = {fence.line: fence for fence in markdown.fences}
    excerpts = []
    for comment in markdown.comments():
        if not _PREFIX.match(comment.text):
            continue
        fence = fences.get(markdown.source.position(comment.end)[0] + 1)
        match = _REFERENCE.fullmatch(comment.text)
        if match is None:
            excerpts.append(Excerpt(comment, "", "", (), fence))
            continue
        symbols = tuple(symbol.strip() for symbol in (match["symbols"] or "").split(",") if symbol.strip())
        excerpts.append(Excerpt(comment, match["template"], match["file"], symbols, fence))
    return excerpts
