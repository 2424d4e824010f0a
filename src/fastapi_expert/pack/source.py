"""A text file with its places, read so that nothing on disk can stop or crash the reader."""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

BYTE_ORDER_MARK = "\ufeff"
SIZE_LIMIT = 1_000_000  # bytes: the smallest size at which a client stops reading (Claude Code, a SKILL.md)
_LINE_END = re.compile(r"\r\n?|\n")


class Problem(NamedTuple):
    """Why a file's text is missing or not what its bytes say.

    Attributes:
        kind: what went wrong.
        reason: the details, a clause.
        offset: where in the text, in characters.
    """

    kind: Literal["unreadable", "too large", "not UTF-8"]
    reason: str
    offset: int = 0


@dataclass(frozen=True, eq=False)
class Source:
    """A text file as it lies: byte order mark and line ends included.

    Attributes:
        path: absolute.
        text: what it holds, empty when it can't be read.
        asked: the user asked to check it; otherwise it is read for what others say about it.
        problem: why the text is missing or not exact.
    """

    path: Path
    text: str
    asked: bool = True
    problem: Problem | None = None

    @property
    def readable(self) -> bool:
        """There is a text to judge, even if single characters of it are lost."""
        return self.problem is None or self.problem.kind == "not UTF-8"

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line starts. A line ends with LF, CRLF or CR, as CommonMark 0.31 says."""
        if "\r" in self.text:
            return [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        return list(accumulate([len(line) + 1 for line in self._lines[:-1]], initial=0))

    @cached_property
    def line_end(self) -> str:
        """The line end that the file uses first, LF if it has none."""
        match = _LINE_END.search(self.text)
        return match[0] if match else "\n"

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column, in characters, of an offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line_start(self, number: int) -> int:
        """The offset at which a 1-based line starts, or the end of the file."""
        return self.line_starts[number - 1] if number <= len(self.line_starts) else len(self.text)

    def line(self, number: int) -> str:
        """The text of a 1-based line, without its line end; empty past the end of the file."""
        return self._lines[number - 1] if 1 <= number <= len(self._lines) else ""

    @cached_property
    def _lines(self) -> list[str]:
        return _LINE_END.split(self.text) if "\r" in self.text else self.text.split("\n")


def read_source(path: Path, *, asked: bool = True) -> Source:
    """Read a file. A fault is kept in `problem`, never raised."""
    try:
        raw = _read_regular_file(path)
    except OSError as error:
        return Source(path, "", asked, Problem("unreadable", error.strerror or str(error)))
    if len(raw) > SIZE_LIMIT:
        return Source(path, "", asked, Problem("too large", f"more than {SIZE_LIMIT:,} bytes"))
    try:
        return Source(path, raw.decode("utf-8"), asked)
    except UnicodeDecodeError as error:
        offset = len(raw[: error.start].decode("utf-8"))
        problem = Problem("not UTF-8", f"byte 0x{raw[error.start]:02x} at offset {error.start}", offset)
        return Source(path, raw.decode("utf-8", errors="replace"), asked, problem)


def _read_regular_file(path: Path) -> bytes:
    """At most one byte more than the limit; a pipe or a device is refused without waiting for it."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise OSError(0, "this link leads back to a folder that it lies in")
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is no regular file")
        with open(descriptor, "rb", closefd=False) as file:
            raw = file.read(min(status.st_size, SIZE_LIMIT) + 1)
            if len(raw) > status.st_size:  # it has grown meanwhile
                raw += file.read(SIZE_LIMIT + 1 - len(raw))
            return raw
    finally:
        os.close(descriptor)
