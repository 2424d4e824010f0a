"""CommonMark with exact places: fences, links, code spans, headings, list items and HTML comments.

markdown-it gives each block its lines and each inline token nothing; the rules that make links, images and code spans
are wrapped so that they note where in their block they matched, and the block's lines lead back into the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    from fastapi_expert.pack.source import Source

_SPANS = {"link": "link_open", "image": "image", "backticks": "code_inline"}
_COMMENT_START = re.compile("<!--")


@dataclass(frozen=True)
class Fence:
    """A fenced code block.

    Attributes:
        start: offset of the opening marker.
        line: 1-based line of the opening marker.
        marker: the run of backticks or tildes.
        info: what follows the marker.
        content: the code, without the indentation or quote marks of what the block lies in.
        lines: offset at which each line of `content` starts in the file.
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
    lines: tuple[int, ...]
    content_start: int
    content_end: int
    prefix: str
    closed: bool

    @property
    def language(self) -> str:
        """The first word of the info string, in lower case, without decoration such as `{.python}`."""
        return re.split(r"[\s,:{}]", self.info.strip().lstrip("{."), maxsplit=1)[0].lower()

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
    """A heading and its level, 1 to 6."""

    level: int
    text: str
    start: int


@dataclass(frozen=True)
class ListItem:
    """The first paragraph of a list item, as written."""

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
    first = source.position(body)[0] - 1
    fences: list[Fence] = []
    links: list[Link] = []
    headings: list[Heading] = []
    items: list[ListItem] = []
    code: list[tuple[int, int]] = []
    tokens = _parser().parse(source.text[body:])
    for index, token in enumerate(tokens):
        if token.map is None:
            continue
        begin, end = token.map[0] + first, token.map[1] + first  # 0-based lines of the file, end excluded
        if token.type in {"fence", "code_block"}:
            code.append((source.line_starts[begin], _line_start(source, end)))
        if token.type == "fence":
            fences.append(_fence(source, token, begin, end))
        elif token.type == "inline":
            place = _places(source, token.content, begin)
            links += _links(token, place)
            code += [(place(start), place(stop)) for start, stop in _spans(token.children or (), "code_inline")]
            opened = tokens[index - 1]
            if opened.type == "heading_open":
                headings.append(Heading(int(opened.tag[1:]), token.content, place(0)))
            elif opened.type == "paragraph_open" and index > 1 and tokens[index - 2].type == "list_item_open":
                items.append(ListItem(token.content, place(0)))
    return Markdown(source, body, tuple(fences), tuple(links), tuple(headings), tuple(items), tuple(sorted(code)))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # the import is a third of a short run

    parser = MarkdownIt("commonmark")
    rules = parser.inline.ruler
    for name, rule in zip(rules.get_active_rules(), rules.getRules(""), strict=True):
        if name in _SPANS:
            rules.at(name, _noting_its_place(rule, _SPANS[name]))
    return parser


def _noting_its_place(
    rule: Callable[[StateInline, bool], bool], token_type: str
) -> Callable[[StateInline, bool], bool]:
    def matched(state: StateInline, silent: bool) -> bool:
        start, count = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        if not silent:
            for token in state.tokens[count:]:
                if token.type == token_type:
                    token.meta["span"] = (start, state.pos)
                    break
        return True

    return matched


def _spans(tokens: Sequence[Token], token_type: str) -> Iterator[tuple[int, int]]:
    for token in tokens:
        if token.type == token_type and "span" in token.meta:
            yield token.meta["span"]


def _links(inline: Token, place: Callable[[int], int]) -> Iterator[Link]:
    for token in inline.children or ():
        if "span" not in token.meta:
            continue
        start, end = (place(offset) for offset in token.meta["span"])
        if token.type == "link_open":
            yield Link("link", str(token.attrGet("href") or ""), start, end)
        elif token.type == "image":
            yield Link("image", str(token.attrGet("src") or ""), start, end)
        elif token.type == "code_inline":
            yield Link("code", token.content, start, end)


def _places(source: Source, content: str, first_line: int) -> Callable[[int], int]:
    """How an offset in a block's text becomes one in the file: each of its lines ends a line of the file."""
    content_starts, file_starts = [], []
    offset = 0
    for number, line in enumerate(content.split("\n")):
        stripped = line.strip()
        column = max(source.line(first_line + number + 1).rfind(stripped), 0)
        content_starts.append(offset)
        file_starts.append(source.line_starts[first_line + number] + column - (len(line) - len(line.lstrip())))
        offset += len(line) + 1

    def place(at: int) -> int:
        index = bisect_right(content_starts, at) - 1
        return file_starts[index] + at - content_starts[index]

    return place


def _fence(source: Source, token: Token, begin: int, end: int) -> Fence:
    opening = source.line(begin + 1)
    column = max(opening.find(token.markup), 0)
    code = token.content.split("\n")
    if code[-1] == "":
        code.pop()
    starts = []
    for number, line in enumerate(code, start=begin + 1):
        written = source.line(number + 1)
        starts.append(source.line_starts[number] + (len(written) - len(line) if written.endswith(line) else 0))
    closed = end - begin == len(code) + 2
    return Fence(
        start=source.line_starts[begin] + column,
        line=begin + 1,
        marker=token.markup,
        info=token.info,
        content=token.content,
        lines=tuple(starts),
        content_start=_line_start(source, begin + 1),
        content_end=_line_start(source, end - 1 if closed else end),
        prefix=re.sub(r"[^>\s]", " ", opening[:column]),
        closed=closed,
    )


def _line_start(source: Source, line: int) -> int:
    """The offset of a 0-based line, or the end of the file."""
    return source.line_starts[line] if line < len(source.line_starts) else len(source.text)
