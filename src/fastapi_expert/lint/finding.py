"""What a rule finds, and how it can be mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi_expert.pack.source import Source

Severity = Literal["error", "warning"]


class Edit(NamedTuple):
    """Put `text` in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """Edits to the file of the finding, applied together or not at all.

    Attributes:
        edits: in the order of the file, not overlapping.
        safe: what the file means stays the same, or becomes what it plainly should have meant.
    """

    edits: tuple[Edit, ...]
    safe: bool = True


class Fault(NamedTuple):
    """What a rule's check yields: a place and what is wrong there.

    Attributes:
        source: the file.
        offset: where, in characters of its text.
        message: what is wrong, and who minds.
        help: what to do.
        fix: edits that do it.
    """

    source: Source
    offset: int
    message: str
    help: str = ""
    fix: Fix | None = None


class Finding(NamedTuple):
    """A fault with its rule, as it is reported.

    Attributes:
        path: absolute.
        line: 1-based.
        column: 1-based, in characters.
        rule: the rule's id.
        severity: the rule's severity.
        message: what is wrong, and who minds.
        help: what to do.
        text: the line of the file.
        fix: edits that mend it.
    """

    path: Path
    line: int
    column: int
    rule: str
    severity: Severity
    message: str
    help: str
    text: str
    fix: Fix | None
