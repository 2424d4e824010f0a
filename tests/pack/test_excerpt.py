from __future__ import annotations

from pathlib import Path

import pytest

from fastapi_expert.pack.excerpt import Excerpt, read_excerpts
from fastapi_expert.pack.markdown import read_markdown
from fastapi_expert.pack.source import Source


def read(text: str) -> list[Excerpt]:
    return read_excerpts(read_markdown(Source(Path("SKILL.md"), text), 0))


def test_a_comment_names_a_template_a_file_and_symbols() -> None:
    (excerpt,) = read("<!-- example: service app/core/database.py::Model.save, get_session -->\n```python\nx\n```\n")

    assert (excerpt.template, excerpt.file, excerpt.symbols) == (
        "service",
        "app/core/database.py",
        ("Model.save", "get_session"),
    )
    assert excerpt.fence is not None
    assert excerpt.fence.content == "x\n"


def test_without_symbols_it_is_the_whole_file() -> None:
    (excerpt,) = read("<!-- example: service .env.example -->\n```\nx\n```\n")

    assert (excerpt.file, excerpt.symbols) == (".env.example", ())


@pytest.mark.parametrize("between", ["\n\n", "\ntext\n", " text\n"])
def test_only_a_block_in_the_next_line_is_its_block(between: str) -> None:
    (excerpt,) = read(f"<!-- example: service a.py -->{between}\n```\nx\n```\n")

    assert excerpt.fence is None


@pytest.mark.parametrize("rest", ["", " service", " service a.py::", " service a.py::b c"])
def test_a_comment_that_names_too_little_names_nothing(rest: str) -> None:
    (excerpt,) = read(f"<!-- example:{rest} -->\n```\nx\n```\n")

    assert excerpt.template == ""


def test_other_comments_are_no_examples() -> None:
    assert read("<!-- for example: this -->\n\n`<!-- example: service a.py -->`\n") == []
