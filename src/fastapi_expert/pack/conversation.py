"""The `<example>` blocks of an agent: a user and an assistant in a context, and a commentary on why the agent fits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

PARTS = ("context", "user", "assistant", "commentary")
TAG = re.compile(r"<(/?)(example|commentary)>")
_SPEAKER = re.compile(r"(?:(?<![\w/])|(?<=\\n))(context|user|assistant)\*{0,2}:", re.IGNORECASE)


class Conversation(NamedTuple):
    """One closed `<example>` block.

    Attributes:
        start: offset of its opening tag.
        text: what stands between its tags.
        parts: which of `PARTS` it has.
    """

    start: int
    text: str
    parts: frozenset[str]


class TagFault(NamedTuple):
    """A tag without its partner."""

    start: int
    message: str


def read_conversations(text: str, tags: Iterable[re.Match[str]]) -> tuple[list[Conversation], list[TagFault]]:
    """Pair the tags, which are matches of `TAG` in the text, in order."""
    conversations: list[Conversation] = []
    faults: list[TagFault] = []
    opened: dict[str, re.Match[str]] = {}
    commented = False

    def abandon(name: str) -> None:
        if name in opened:
            faults.append(TagFault(opened.pop(name).start(), f"<{name}> is never closed"))

    for tag in tags:
        closing, name = tag.groups()
        if closing and name not in opened:
            faults.append(TagFault(tag.start(), f"</{name}> closes nothing"))
        elif closing:
            if name == "example":
                abandon("commentary")
            start = opened.pop(name)
            if name == "commentary":
                commented = True
            else:
                inside = text[start.end() : tag.start()]
                parts = {match[1].lower() for match in _SPEAKER.finditer(inside)}
                parts |= {"commentary"} if commented else set()
                conversations.append(Conversation(start.start(), inside, frozenset(parts)))
        else:
            abandon(name)
            if name == "example":
                abandon("commentary")
                commented = False
            opened[name] = tag
    abandon("commentary")
    abandon("example")
    return conversations, faults
