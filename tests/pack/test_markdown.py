from __future__ import annotations

from pathlib import Path

import pytest

from fastapi_expert.pack.markdown import Markdown, read_markdown
from fastapi_expert.pack.source import Source

TEXT = """\
---
name: x
---
# Head `code` #

A [*link*](foo/bar.md "t") and `x
y` and ![img](a.png) [`b`](c.md).

> quote [q](q.md)
> [ref][r]

- **DB-03** One [l](l.md)
  next [m](m.md)

  ```python title="x"
  def f():
      return 1
  ```
- ```{.py}
  a
  ```

> ~~~
> quoted
> ~~~

<!-- one -->
````python
```
<!-- none -->
````

    <!-- none either -->

text <!-- two
lines --> `<!-- none -->`

[r]: r.md
"""


@pytest.fixture(params=["\n", "\r\n"])
def markdown(request: pytest.FixtureRequest) -> Markdown:
    source = Source(Path("SKILL.md"), TEXT.replace("\n", request.param))
    return read_markdown(source, source.text.index("# Head"))


def test_links_are_where_they_stand(markdown: Markdown) -> None:
    found = {
        (link.kind, " ".join(link.target.split())): markdown.source.text[link.start : link.end].replace("\r", "")
        for link in markdown.links
    }

    assert found == {
        ("code", "code"): "`code`",
        ("link", "foo/bar.md"): '[*link*](foo/bar.md "t")',
        ("code", "x y"): "`x\ny`",
        ("image", "a.png"): "![img](a.png)",
        ("link", "c.md"): "[`b`](c.md)",
        ("code", "b"): "`b`",
        ("link", "q.md"): "[q](q.md)",
        ("link", "r.md"): "[ref][r]",
        ("link", "l.md"): "[l](l.md)",
        ("link", "m.md"): "[m](m.md)",
        ("code", "<!-- none -->"): "`<!-- none -->`",
    }


def test_fences_hold_their_code_and_its_places(markdown: Markdown) -> None:
    fences = [(fence.language, fence.content, fence.prefix, fence.closed) for fence in markdown.fences]

    assert fences == [
        ("python", "def f():\n    return 1\n", "  ", True),
        ("py", "a\n", "  ", True),
        ("", "quoted\n", "> ", True),
        ("python", "```\n<!-- none -->\n", "", True),
    ]
    first = markdown.fences[0]
    assert markdown.source.text[first.start :].startswith('```python title="x"')
    assert markdown.source.text[first.offset(2, 5) :].startswith("return 1")
    assert markdown.source.text[first.offset(99, 99) :].splitlines()[0] == ""


def test_headings_items_and_comments_are_found_outside_code(markdown: Markdown) -> None:
    assert [(heading.level, heading.text) for heading in markdown.headings] == [(1, "Head code")]
    assert [markdown.source.text[start:].split()[0] for start in markdown.items] == ["**DB-03**"]
    assert [comment.text.split() for comment in markdown.comments()] == [["one"], ["two", "lines"]]


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("```\na\n```\n", True),
        ("```\na\n```", True),
        ("```\n```", True),
        ("```\na\n", False),
        ("```\na", False),
        ("```", False),
        ("````\na\n```\n", False),
        ("```\na\n```python\n", False),
        ("- ```\n  a\n\ntext\n", False),
        ("- ```\n  a\n  ```\n\ntext\n", True),
        ("> ```\n> a\n\ntext\n", False),
    ],
)
def test_a_fence_is_closed_by_its_own_marker_only(text: str, closed: bool) -> None:
    (fence,) = read_markdown(Source(Path("a.md"), text), 0).fences

    assert fence.closed is closed


@pytest.mark.parametrize("part", ["[", "[a](", "![", "`a ", "a <!-- ", "**a *b ", "> ", "- "])
def test_hostile_text_is_read_to_its_end(part: str) -> None:
    text = part * 20_000 + "\n\n# End\n"

    markdown = read_markdown(Source(Path("a.md"), text), 0)

    assert [heading.text for heading in markdown.headings] == ["End"]
    assert list(markdown.comments()) == []
