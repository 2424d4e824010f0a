"""CommonMark with exact places: fences, links, code spans, headings, list items and HTML comments.

The parser is pulldown-cmark, which gives a range of bytes with each event; `_Reading` makes characters of the file of
them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi_expert.pack.source import Source

_COMMENT_START = re.compile("<!--")
_CONTINUATION = re.compile(rb"[\x80-\xbf]")  # every byte of a character in UTF-8 but its first
_INLINE = frozenset({"Text", "Code", "InlineHtml", "Strong", "Emphasis", "Link", "Image"})
_AROUND_ITEMS = frozenset({"Item", "Paragraph"})
_NOTED = frozenset({"Item", "CodeBlock", "Heading", "Link", "Image"})
_ADDRESSES = frozenset({"Autolink", "Email"})


@dataclass(frozen=True, eq=False)
class Fence:
    """A fenced code block.

    Attributes:
        start: offset of the opening marker.
        line: 1-based line of the opening marker.
        marker: the run of backticks or tildes.
        info: what follows the marker.
        content: the code, without the indentation or quote marks of what the block lies in.
        source: the file.
        content_start: offset of the line after the opening marker.
        content_end: offset of the closing marker's line, or of the end of the block.
        prefix: what stands before each line of the block: indentation or quote marks.
        closed: there is a closing marker.
    """

    start: int
    line: int
    marker: str
    info: str
    content: str
    source: Source
    content_start: int
    content_end: int
    prefix: str
    closed: bool

    @property
    def language(self) -> str:
        """The first word of the info string, in lower case, without decoration such as `{.python}`."""
        return re.split(r"[\s,:{}]", self.info.strip().lstrip("{."), maxsplit=1)[0].lower()

    @cached_property
    def lines(self) -> tuple[int, ...]:
        """The offset at which each line of `content` starts in the file: it ends a line of the file."""
        lines = self.content.split("\n")
        if lines[-1] == "":
            lines.pop()
        starts = []
        for number, line in enumerate(lines, start=self.line + 1):
            written = self.source.line(number)
            shift = len(written) - len(line) if written.endswith(line) else 0
            starts.append(self.source.line_start(number) + shift)
        return tuple(starts)

    def offset(self, line: int, column: int) -> int:
        """The offset in the file of a 1-based line and column of `content`; the nearest one if they lie outside."""
        if not self.lines:
            return self.start
        index = min(max(line, 1), len(self.lines)) - 1
        length = len(self.content.split("\n")[index])
        return self.lines[index] + min(max(column - 1, 0), length)


@dataclass(frozen=True)
class Link:
    """A reference to something else: a Markdown link, an image or a code span that may be a path."""

    kind: Literal["link", "image", "code"]
    target: str
    start: int
    end: int


@dataclass(frozen=True)
class Heading:
    """A heading, its level, 1 to 6, and its words without their marks."""

    level: int
    text: str
    start: int


@dataclass(frozen=True)
class ListItem:
    """The first line of a list item, as written."""

    text: str
    start: int


@dataclass(frozen=True)
class Comment:
    """An HTML comment, without its delimiters."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Markdown:
    """What a Markdown body holds, each in the order of the file."""

    source: Source
    body: int
    fences: tuple[Fence, ...]
    links: tuple[Link, ...]
    headings: tuple[Heading, ...]
    items: tuple[ListItem, ...]
    code: tuple[tuple[int, int], ...]

    def search(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """The matches that don't start inside code."""
        starts = [start for start, _ in self.code]
        for match in pattern.finditer(self.source.text, self.body):
            index = bisect_right(starts, match.start()) - 1
            if index < 0 or match.start() >= self.code[index][1]:
                yield match

    def comments(self) -> Iterator[Comment]:
        """The HTML comments outside code."""
        text, done = self.source.text, self.body
        for match in self.search(_COMMENT_START):
            if match.start() < done:
                continue
            end = text.find("-->", match.end())
            if end < 0:
                return
            done = end + len("-->")
            yield Comment(text[match.end() : end], match.start(), done)


def read_markdown(source: Source, body: int) -> Markdown:
    """Parse the text of a file from an offset on."""
    import pyromark  # not needed by a run that looks at frontmatter only

    text = source.text[body:]
    reading = _Reading(source, body, text)
    for event, span in pyromark.events_with_range(text):
        # Most events are line breaks, which are texts, and words in paragraphs, which nobody asks for.
        if not isinstance(event, str) and (reading.wants_words or "Text" not in event):
            reading.take(event, span["start"], span["end"])
    return Markdown(
        source,
        body,
        tuple(reading.fences),
        tuple(reading.links),
        tuple(reading.headings),
        tuple(reading.items),
        tuple(sorted(reading.code)),
    )


@dataclass(eq=False)
class _Reading:
    """Collects what a document needs from the parser's events, one after the other."""

    source: Source
    body: int
    text: str
    fences: list[Fence] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    items: list[ListItem] = field(default_factory=list)
    code: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note where characters are longer than a byte."""
        raw = b"" if self.text.isascii() else self.text.encode()
        self._longer = [match.start() for match in _CONTINUATION.finditer(raw)]
        self._heading: tuple[int, int, list[str]] | None = None
        self.wants_words = False
        self._in_block = False
        self._parts: list[tuple[str, int, int]] = []
        self._at_item = False

    def _place(self, at: int) -> int:
        """The offset in the file of an offset in the bytes of the text."""
        return self.body + at - bisect_left(self._longer, at) if self._longer else self.body + at

    def take(self, event: Mapping[str, Any], start: int, end: int) -> None:
        """One event and its range of bytes."""
        ((kind, value),) = event.items()
        if kind == "Text":
            if self._in_block:
                self._parts.append((value, start, end))
            elif self._heading:
                self._heading[2].append(value)
        elif kind == "Code":
            self.code.append((self._place(start), self._place(end)))
            self.links.append(Link("code", value, *self.code[-1]))
            if self._heading:
                self._heading[2].append(value)
        elif kind == "End":
            self._end(value, start, end)
        elif kind == "Start":
            kind, value = (value, None) if type(value) is str else next(iter(value.items()))
            if kind in _NOTED:
                self._start(kind, value, start, end)
        if self._at_item and kind not in _AROUND_ITEMS:
            self._at_item = False
            self.wants_words = self._in_block or self._heading is not None
            if kind in _INLINE:
                at = self._place(start)
                line, column = self.source.position(at)
                self.items.append(ListItem(self.source.line(line)[column - 1 :], at))

    def _start(self, kind: str, value: Any, start: int, end: int) -> None:  # noqa: ANN401
        match kind:
            case "Item":
                self._at_item = True
                self.wants_words = True
            case "CodeBlock":
                self.wants_words = self._in_block = True
                self._parts = []
            case "Heading":
                self.wants_words = True
                self._heading = int(value["level"][1:]), self._place(start), []
            case "Link" if value["link_type"] not in _ADDRESSES:
                self.links.append(Link("link", value["dest_url"], self._place(start), self._place(end)))
            case "Image":
                self.links.append(Link("image", value["dest_url"], self._place(start), self._place(end)))

    def _end(self, value: Any, start: int, end: int) -> None:  # noqa: ANN401
        if value == "CodeBlock":
            self.wants_words = self._in_block = False
            first, last = self._place(start), self._place(end)
            self.code.append((self.source.line_starts[self.source.position(first)[0] - 1], last))
            if self.source.text.startswith(("```", "~~~"), first):
                self.fences.append(self._fence(first, last))
        elif self._heading and isinstance(value, dict) and "Heading" in value:
            level, at, words = self._heading
            self.headings.append(Heading(level, "".join(words), at))
            self._heading = None
            self.wants_words = False

    def _fence(self, start: int, end: int) -> Fence:
        source = self.source
        line, column = source.position(start)
        opening = source.line(line)
        written = opening[column - 1 :]
        marker = written[: len(written) - len(written.lstrip(written[0]))]
        content = "".join(text for text, _, _ in self._parts)
        after = self._place(self._parts[-1][2]) if self._parts else start
        last_line = source.position(max(end - 1, start))[0]
        last = source.line(last_line).lstrip(" \t>").rstrip()
        closed = (
            last_line > line
            and source.line_starts[last_line - 1] >= after
            and len(last) >= len(marker)
            and not last.strip(marker[0])
        )
        return Fence(
            start=start,
            line=line,
            marker=marker,
            info=written[len(marker) :],
            content=content,
            source=source,
            content_start=source.line_start(line + 1),
            content_end=source.line_start(last_line if closed else last_line + 1),
            prefix=re.sub(r"[^>\s]", " ", opening[: column - 1]),
            closed=closed,
        )
