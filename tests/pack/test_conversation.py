from __future__ import annotations

import pytest

from fastapi_expert.pack.conversation import PARTS, TAG, Conversation, TagFault, read_conversations

WHOLE = 'Context: c\nuser: "u"\nassistant: "a"\n<commentary>why</commentary>'


def read(text: str) -> tuple[list[Conversation], list[TagFault]]:
    return read_conversations(text, TAG.finditer(text))


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        WHOLE.replace("\n", "\\n"),
        WHOLE.replace("\n", " "),
        WHOLE.replace("user:", "**User**:"),
    ],
)
def test_the_parts_are_recognised_however_they_are_broken_into_lines(text: str) -> None:
    (conversation,), faults = read(f"<example>{text}</example>")

    assert conversation.parts == set(PARTS)
    assert faults == []


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_is_missed(part: str) -> None:
    text = "\n".join(line for line in WHOLE.split("\n") if part not in line.lower())

    (conversation,), _ = read(f"<example>{text}</example>")

    assert conversation.parts == set(PARTS) - {part}


def test_a_commentary_belongs_to_its_own_example() -> None:
    (first, second), _ = read(f"<example>{WHOLE}</example><example>user: a</example>")

    assert "commentary" in first.parts
    assert second.parts == {"user"}


@pytest.mark.parametrize(
    ("text", "faulty"),
    [
        ("<example>a", "<example>a"),
        ("a</example>", "</example>"),
        ("<example>a<example>b</example>", "<example>a<"),
        ("<example><commentary>a</example>", "<commentary>a"),
        ("<example>a</commentary></example>", "</commentary>"),
        ("<commentary>a", "<commentary>a"),
    ],
)
def test_a_tag_without_its_partner_is_a_fault(text: str, faulty: str) -> None:
    _, (fault,) = read(text)

    assert text[fault.start :].startswith(faulty)
