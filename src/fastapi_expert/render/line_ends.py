"""The line ends of a project: what is written into it ends its lines as its own files do."""

from __future__ import annotations

from collections.abc import Iterable

LF, CRLF = b"\n", b"\r\n"


def line_end_of(text: bytes) -> bytes:
    """Tell the line end that most lines of a file have."""
    return CRLF if 2 * text.count(CRLF) > text.count(LF) else LF


def usual_line_end(texts: Iterable[bytes]) -> bytes:
    """Tell the line end that most of these files have."""
    ends = [line_end_of(text) for text in texts]
    return CRLF if 2 * ends.count(CRLF) > len(ends) else LF


def with_line_end(text: bytes, line_end: bytes) -> bytes:
    """Write a text with this line end, whichever it had."""
    return text.replace(CRLF, LF).replace(LF, line_end)
