"""FI: files that can be read, by everyone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yaml.reader import Reader

from fastapi_expert.lint.clients import effects
from fastapi_expert.lint.finding import Edit, Fault, Fix
from fastapi_expert.lint.rule import Symlink, rule
from fastapi_expert.lint.samples import SKILL, SKILL_PATH, skill
from fastapi_expert.pack.documents import Document, Skill
from fastapi_expert.pack.reading import SKILL_FILE
from fastapi_expert.pack.source import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.reading import Pack

_PRINTABLE = b"\t\n\r" + bytes(range(0x20, 0x7F))


@rule(
    "FI001",
    "error",
    wrong={SKILL_PATH: Symlink("missing.md")},
    right=skill(SKILL),
)
def unreadable(pack: Pack) -> Iterator[Fault]:
    """Every file of the pack can be opened and read.

    A dangling link, a pipe or a file without permission is left out by every client, mostly without a word.
    """
    for item in pack.items:
        problem = item.source.problem
        if problem is not None and problem.kind == "unreadable":
            yield Fault(item.source, 0, f"can't be read: {problem.reason}", "replace it with a regular file")


@rule(
    "FI002",
    "error",
    wrong=skill(SKILL + "Say it again.\n" * 72_000),
    right=skill(SKILL + "Say it again.\n"),
)
def too_large(pack: Pack) -> Iterator[Fault]:
    """No file is larger than the smallest limit of a client, a million bytes.

    Claude Code skips a larger file, and no model could hold it: move the bulk to files that are read on demand.
    """
    for item in pack.items:
        problem = item.source.problem
        if problem is not None and problem.kind == "too large":
            message = f"{problem.reason}, so it was not checked{effects(item, 'too large')}"
            yield Fault(item.source, 0, message, "split it, or move what is data out of it")


@rule(
    "FI003",
    "error",
    wrong={SKILL_PATH: SKILL.replace("hello", "hall\u00e5").encode("latin-1")},
    right={SKILL_PATH: SKILL.replace("hello", "hall\u00e5").encode("utf-8")},
)
def not_utf8(pack: Pack) -> Iterator[Fault]:
    """Every file is UTF-8.

    Codex drops a file with one byte in another encoding, and the other clients show the reader a replacement sign.
    """
    for item in pack.items:
        problem = item.source.problem
        if problem is not None and problem.kind == "not UTF-8":
            message = f"not UTF-8, {problem.reason}{effects(item, 'not UTF-8')}"
            yield Fault(item.source, problem.offset, message, "save the file as UTF-8")


@rule(
    "FI004",
    "error",
    wrong=skill(BYTE_ORDER_MARK + SKILL),
    right=skill(SKILL),
)
def byte_order_mark(pack: Pack) -> Iterator[Fault]:
    """No file starts with a byte order mark.

    The mark stands before the `---` of the frontmatter, so three of six clients find no frontmatter at all.
    """
    for document in pack.asked(Document):
        if document.source.text.startswith(BYTE_ORDER_MARK):
            message = f"starts with a byte order mark{effects(document, 'byte order mark')}"
            fix = Fix((Edit(0, len(BYTE_ORDER_MARK), ""),))
            yield Fault(document.source, 0, message, "save the file as UTF-8 without a byte order mark", fix)


@rule(
    "FI005",
    "error",
    wrong=skill(SKILL.replace("Say hello", "Say \x00hello")),
    right=skill(SKILL),
)
def control_character(pack: Pack) -> Iterator[Fault]:
    """No file holds a NUL or another control character.

    YAML forbids control characters, and in the body they hide what a reviewer would want to see.
    """
    for document in pack.asked(Document):
        text = document.source.text
        if text.isascii() and not text.encode().translate(None, _PRINTABLE):
            continue  # which takes a quarter of the time
        found = Reader.NON_PRINTABLE.search(text)
        if found:
            message = f"control character U+{ord(found[0]):04X}"
            yield Fault(document.source, found.start(), message, "delete it")


@rule(
    "FI006",
    "error",
    wrong={"skills/greeting/Skill.md": SKILL},
    right=skill(SKILL),
)
def file_name(pack: Pack) -> Iterator[Fault]:
    """A skill's file is named exactly SKILL.md.

    Every measured client looks for that name, in that case, and sees no skill in a folder without it.
    """
    for document in pack.asked(Skill):
        name = document.source.path.name
        if name != SKILL_FILE:
            message = f"the file is named {name}{effects(document, 'file name')}"
            yield Fault(document.source, 0, message, f"rename it to {SKILL_FILE}")


@rule(
    "FI007",
    "warning",
    wrong=skill(SKILL.replace("\n", "\r\n")),
    right=skill(SKILL),
)
def line_ends(pack: Pack) -> Iterator[Fault]:
    """Lines end with LF.

    Clients load CRLF, but an edit that gives the old text with LF doesn't find it, a shell block that is pasted
    fails on the CR, and hashes differ from clone to clone. `* text=auto eol=lf` in .gitattributes keeps it so.
    """
    for document in pack.asked(Document):
        found = re.search(r"\r\n?", document.source.text)
        if found:
            text = document.source.text
            edits = (Edit(match.start(), match.end(), "\n") for match in re.finditer(r"\r\n?", text))
            lines = f"{text.count(chr(13)):,} of {len(document.source.line_starts) - 1:,} lines"
            message = f"{lines} end with {'CRLF' if found[0] == chr(13) + chr(10) else 'CR'}"
            yield Fault(document.source, found.start(), message, "save the file with LF", Fix(tuple(edits), safe=False))
