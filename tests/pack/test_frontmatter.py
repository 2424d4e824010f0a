from __future__ import annotations

from pathlib import Path

import pytest

from fastapi_expert.pack.frontmatter import Frontmatter, Mapping, Scalar, find, plain, read_frontmatter
from fastapi_expert.pack.source import Source


def read(text: str) -> Frontmatter:
    frontmatter = read_frontmatter(Source(Path("SKILL.md"), text))
    assert frontmatter is not None
    return frontmatter


def values(text: str) -> object:
    frontmatter = read(text)
    return plain(frontmatter.root) if frontmatter.root else None


@pytest.mark.parametrize("head", ["---\n", "\ufeff---\n", "---  \n", "---\r\n"])
def test_the_block_is_found_with_its_body(head: str) -> None:
    text = f"{head}name: a\n---\nbody"

    frontmatter = read(text)

    assert text[frontmatter.start : frontmatter.end] == "name: a\n"
    assert text[frontmatter.body :] == "body"
    assert frontmatter.closed


@pytest.mark.parametrize("text", ["", "body", "\n---\nname: a\n---\n", "----\nname: a\n----\n"])
def test_a_file_without_a_block_has_none(text: str) -> None:
    assert read_frontmatter(Source(Path("SKILL.md"), text)) is None


@pytest.mark.parametrize("text", ["---", "---\nname: a\n", "---\nname: a\n--- b\n"])
def test_a_block_without_an_end_is_not_closed(text: str) -> None:
    assert not read(text).closed


def test_values_follow_the_core_schema() -> None:
    text = '---\na: yes\nb: true\nc: 12\nd: 1.5\ne: "12"\nf:\ng: 2026-01-01\nh: 0x10\ni: [1, {j: k}]\n---\n'

    assert values(text) == {
        "a": "yes",
        "b": True,
        "c": 12,
        "d": 1.5,
        "e": "12",
        "f": None,
        "g": "2026-01-01",
        "h": "0x10",
        "i": [1, {"j": "k"}],
    }


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_values_keep_their_places(line_end: str) -> None:
    text = line_end.join(["---", "name: \u00e9\U0001f600", "skills:", "  - one", '  - "two"', "---", ""])
    root = read(text).root
    assert root is not None

    second = find(root, ["skills", 1])

    assert text[second.start : second.end] == '"two"'
    assert find(root, ["skills", 7]).start == find(root, ["skills"]).start


def test_a_repeated_key_is_a_fault_and_its_last_value_counts() -> None:
    frontmatter = read("---\nname: a\nname: b\n---\n")
    assert isinstance(frontmatter.root, Mapping)
    value = frontmatter.root.get("name")

    assert isinstance(value, Scalar)
    assert value.value == "b"
    assert [(fault.kind, fault.offset) for fault in frontmatter.faults] == [("duplicate", 12)]


def test_unquoted_colons_are_faults_and_the_rest_is_read() -> None:
    frontmatter = read("---\na: b: c\nd: e: f: g\nname: x\n---\n")

    assert [(fault.kind, fault.offset) for fault in frontmatter.faults] == [("colon", 8), ("colon", 16), ("colon", 19)]
    assert frontmatter.fields is not None
    assert [name for name, _ in frontmatter.fields.names()] == ["a", "d", "name"]


def test_tabs_are_a_fault_and_the_rest_is_read() -> None:
    frontmatter = read("---\nmetadata:\n\ta: 1\n\tb: 2\nname: x\n---\n")

    assert [(fault.kind, fault.offset) for fault in frontmatter.faults] == [("tab", 14)]
    assert frontmatter.root is not None
    assert plain(frontmatter.root) == {"metadata": {"a": 1, "b": 2}, "name": "x"}


def test_a_block_scalar_may_hold_what_elsewhere_is_a_fault() -> None:
    frontmatter = read("---\na: |\n  b: c: d\n  \te\n---\n")

    assert frontmatter.faults == ()
    assert frontmatter.root is not None
    assert plain(frontmatter.root) == {"a": "b: c: d\n\te\n"}


def test_aliases_are_never_followed() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]

    frontmatter = read("---\n" + "\n".join(lines) + "\n---\n")

    assert {fault.kind for fault in frontmatter.faults} == {"reference"}
    assert frontmatter.root is not None
    assert find(frontmatter.root, ["a19", 0]).end - find(frontmatter.root, ["a19", 0]).start == len("*a18")
    assert plain(find(frontmatter.root, ["a19"])) == [None] * 9


@pytest.mark.parametrize("opening", ["[" * 10_000, "{a: " * 10_000, "[" * 900_000])
def test_deep_nesting_stops_the_reading(opening: str) -> None:
    frontmatter = read(f"---\na: {opening}\n---\n")

    assert [fault.kind for fault in frontmatter.faults] == ["nesting"]
    assert frontmatter.root is None


@pytest.mark.parametrize("block", ["a: [b", "a: 'b", "a: `b`", "- a\nb: c"])
def test_what_is_no_yaml_is_a_fault(block: str) -> None:
    frontmatter = read(f"---\n{block}\n---\n")

    assert [fault.kind for fault in frontmatter.faults] == ["syntax"]
    assert frontmatter.root is None


def test_a_forbidden_character_is_the_only_fault() -> None:
    frontmatter = read("---\na: b: c:\0d\n---\n")

    assert [(fault.kind, fault.offset) for fault in frontmatter.faults] == [("character", 12)]
    assert frontmatter.root is None
