from __future__ import annotations

import os
from pathlib import Path

import pytest

from fastapi_expert.pack.source import SIZE_LIMIT, Source, read_source


def test_the_text_is_kept_as_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("\ufeffone\r\ntwo\n".encode())

    source = read_source(path)

    assert source.text == "\ufeffone\r\ntwo\n"
    assert source.problem is None


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_positions_count_lines_and_characters_from_one(line_end: str) -> None:
    source = Source(Path("a.md"), line_end.join(["\u00e9\u00e9", "", "\U0001f600x"]))

    assert source.position(source.text.index("x")) == (3, 2)
    assert source.position(0) == (1, 1)
    assert [source.line(number) for number in (0, 1, 2, 3, 4)] == ["", "\u00e9\u00e9", "", "\U0001f600x", ""]
    assert source.line_end == line_end


def test_a_byte_that_is_not_utf8_keeps_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("\u00e9\n".encode() + b"ab\xe5c\n")

    source = read_source(path)

    assert source.problem is not None
    assert source.problem.kind == "not UTF-8"
    assert source.position(source.problem.offset) == (2, 3)
    assert source.readable
    assert source.text.endswith("ab\N{REPLACEMENT CHARACTER}c\n")


@pytest.mark.parametrize(
    ("size", "kind"), [(SIZE_LIMIT, None), (SIZE_LIMIT + 1, "too large"), (10_000_000, "too large")]
)
def test_the_size_limit_is_exact(tmp_path: Path, size: int, kind: str | None) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"x" * size)

    source = read_source(path)

    assert (source.problem.kind if source.problem else None) == kind
    assert source.readable == (kind is None)


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe, loop, gone = tmp_path / "pipe.md", tmp_path / "loop.md", tmp_path / "gone.md"
    os.mkfifo(pipe)
    loop.symlink_to("loop.md")

    for path in (pipe, loop, gone, tmp_path):
        source = read_source(path)
        assert source.problem is not None
        assert source.problem.kind == "unreadable"
        assert source.problem.reason
