"""CommonMark with exact places: fences, links, code spans, headings, list items and HTML comments.

The parser is pulldown-cmark, which gives a range of bytes with each event; `_Reading` makes characters of the file of
them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi_expert.pack.source import Source

_COMMENT_START = re.compile("<!--")
_CONTINUATION = bytes(range(0x80, 0xC0))  # every byte of a character in UTF-8 but its first
_STEP = 512  # bytes: characters are counted up to each step, and from there on as they are asked for
_INLINE = frozenset({"Text", "Code", "InlineHtml", "Strong", "Emphasis", "Link", "Image"})
_AROUND_ITEMS = frozenset({"Item", "Paragraph"})
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

    @cached_property
    def language(self) -> str:
        """The first word of the info string, in lower case, without decoration such as `{.python}`."""
        info = self.info.strip()
        if not info.isalnum():
            info = re.split(r"[\s,:{}]", info.lstrip("{."), maxsplit=1)[0]
        return info.lower()

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


class Link(NamedTuple):
    """A reference to something else: a Markdown link, an image or a code span that may be a path."""

    kind: Literal["link", "image", "code"]
    target: str
    start: int
    end: int


class Heading(NamedTuple):
    """A heading, its level, 1 to 6, and its words without their marks."""

    level: int
    text: str
    start: int


class Comment(NamedTuple):
    """An HTML comment, without its delimiters."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Markdown:
    """What a Markdown body holds, each in the order of the file.

    Attributes:
        source: the file.
        body: offset of the first character.
        fences: the fenced blocks.
        links: the links, images and code spans.
        headings: the headings.
        items: offsets of the first words of the list items.
        code: from where to where code goes, spans and blocks of every kind.
    """

    source: Source
    body: int
    fences: tuple[Fence, ...]
    links: tuple[Link, ...]
    headings: tuple[Heading, ...]
    items: tuple[int, ...]
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
    reading = _Reading(source, body)
    reading.read()
    return Markdown(
        source,
        body,
        tuple(reading.fences),
        tuple(reading.links),
        tuple(reading.headings),
        tuple(reading.items),
        tuple(sorted(reading.code)),
    )


class _Reading:
    """Collects what a document needs from the parser's events."""

    def __init__(self, source: Source, body: int) -> None:
        self.source = source
        self.body = body
        self.text = source.text[body:]
        self.fences: list[Fence] = []
        self.links: list[Link] = []
        self.headings: list[Heading] = []
        self.items: list[int] = []
        self.code: list[tuple[int, int]] = []
        self._raw = b"" if self.text.isascii() else self.text.encode()
        steps = (self._raw[at : at + _STEP] for at in range(0, len(self._raw), _STEP))
        self._counted = list(accumulate(map(_characters, steps), initial=body))

    def _place(self, at: int) -> int:
        """The offset in the file of an offset in the bytes of the text."""
        if not self._raw:
            return self.body + at
        step = at // _STEP
        return self._counted[step] + _characters(self._raw[step * _STEP : at])

    def read(self) -> None:
        """Take the parser's events one after the other."""
        import pyromark  # not needed by a run that looks at frontmatter only

        words: list[str] | None = None  # the text of the block or heading that is open
        words_end = 0
        heading = 0, 0
        at_item = False
        events: Iterator[tuple[Any, Mapping[str, Any]]] = pyromark.events_with_range(self.text)
        for event, span in events:
            # Most events are ends of lines, which are texts, words in paragraphs, and the ends of those.
            if type(event) is str or (words is None and not at_item and ("Text" in event or "End" in event)):
                continue
            kind, value = event.popitem()  # the only one
            if kind == "Text":
                if words is not None:
                    words.append(value)
                    words_end = span["end"]
            elif kind == "Start":
                if type(value) is str:
                    kind = value
                else:
                    kind, value = value.popitem()
                if kind == "Item":
                    at_item = True
                elif kind == "CodeBlock":
                    words, words_end = [], span["start"]
                elif kind == "Heading":
                    words, heading = [], (int(value["level"][1:]), self._place(span["start"]))
                elif kind == "Image" or (kind == "Link" and value["link_type"] not in _ADDRESSES):
                    self._link("image" if kind == "Image" else "link", value["dest_url"], span)
            elif kind == "Code":
                self.code.append(self._link("code", value, span))
                if words is not None:
                    words.append(value)
            elif kind == "End" and words is not None:
                if value == "CodeBlock":
                    self._block("".join(words), span, words_end)
                    words = None
                elif type(value) is dict and "Heading" in value:
                    self.headings.append(Heading(heading[0], "".join(words), heading[1]))
                    words = None
            if at_item and kind not in _AROUND_ITEMS:
                at_item = False
                if kind in _INLINE:
                    self.items.append(self._place(span["start"]))

    def _link(self, kind: Literal["link", "image", "code"], target: str, span: Mapping[str, int]) -> tuple[int, int]:
        start, end = self._place(span["start"]), self._place(span["end"])
        self.links.append(Link(kind, target, start, end))
        return start, end

    def _block(self, content: str, span: Mapping[str, int], content_end: int) -> None:
        start, end = self._place(span["start"]), self._place(span["end"])
        line, column = self.source.position(start)
        self.code.append((start - column + 1, end))
        if self.source.text.startswith(("```", "~~~"), start):
            self.fences.append(self._fence(start, line, column, end, content, self._place(content_end)))

    def _fence(self, start: int, line: int, column: int, end: int, content: str, after: int) -> Fence:
        source = self.source
        opening = source.line(line)
        written = opening[column - 1 :]
        marker = written[: len(written) - len(written.lstrip(written[0]))]
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
            prefix=re.sub(r"[^>\s]", " ", opening[: column - 1]) if column > 1 else "",
            closed=closed,
        )


def _characters(raw: bytes) -> int:
    """How many characters start in a piece of UTF-8."""
    return len(raw.translate(None, _CONTINUATION))
