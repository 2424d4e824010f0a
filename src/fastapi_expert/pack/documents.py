"""What a pack is made of, each read when it is first looked into."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from fastapi_expert.pack.conversation import TAG, Conversation, TagFault, read_conversations
from fastapi_expert.pack.excerpt import Excerpt, read_excerpts
from fastapi_expert.pack.frontmatter import Frontmatter, Mapping, Scalar, Sequence, read_frontmatter
from fastapi_expert.pack.markdown import Markdown, read_markdown
from fastapi_expert.pack.source import BYTE_ORDER_MARK, Source, read_source

SKILL_FOLDERS = ("references", "scripts", "assets", "templates", "examples", "resources")
FILES_LIMIT = 500  # a skill with more files holds a data set, not references

# For each byte of UTF-8 itself, if it is a letter or a digit, in lower case; else a space.
_PLAIN = bytes(ord(chr(byte).lower()) if chr(byte).isascii() and chr(byte).isalnum() else 32 for byte in range(256))
_MAYBE_TAG = re.compile(r"</?(?:example|commentary)>")
_GOTCHA = re.compile(r"\*\*([A-Z]{2}-\d{2})\b")
_PROOF = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(test_([a-z]{2})_(\d{2})(?:_\w*)?)[ \t]*\(", re.MULTILINE)


class Gotcha(NamedTuple):
    """A list item that starts with a bold id, such as `DB-03`."""

    id: str
    start: int


class Proof(NamedTuple):
    """A test function whose name holds a gotcha's id."""

    id: str
    name: str
    start: int


@dataclass(frozen=True, eq=False)
class Item:
    """Anything of a pack: its file and the folder that its pack lies in."""

    source: Source
    root: Path


class Document(Item):
    """A Markdown file, with or without frontmatter."""

    @cached_property
    def frontmatter(self) -> Frontmatter | None:
        """The YAML block at its head."""
        return read_frontmatter(self.source)

    @cached_property
    def fields(self) -> Mapping | None:
        """The frontmatter's keys and values, where it has any."""
        return self.frontmatter.fields if self.frontmatter else None

    def text_field(self, name: str) -> Scalar | None:
        """A frontmatter value, if it is a text."""
        value = self.fields.get(name) if self.fields else None
        return value if isinstance(value, Scalar) and isinstance(value.value, str) else None

    def value(self, name: str) -> object:
        """A plain frontmatter value, None where there is none."""
        value = self.fields.get(name) if self.fields else None
        return value.value if isinstance(value, Scalar) else None

    @cached_property
    def body_start(self) -> int:
        """The offset of the first character after the frontmatter."""
        if self.frontmatter is not None:
            return self.frontmatter.body
        return len(BYTE_ORDER_MARK) if self.source.text.startswith(BYTE_ORDER_MARK) else 0

    @property
    def body(self) -> str:
        """What an assistant reads: the text after the frontmatter."""
        return self.source.text[self.body_start :].strip()

    @cached_property
    def lower(self) -> str:
        """The text in lower case where that keeps every place, else as it is."""
        lower = self.source.text.lower()
        return lower if len(lower) == len(self.source.text) else self.source.text

    @cached_property
    def words(self) -> frozenset[bytes]:
        r"""What the text holds between signs other than Latin letters and digits, in lower case; `\n` is a sign.

        As bytes: to make texts of them takes half as long again, and nobody reads them.
        """
        raw = self.source.text.encode(errors="replace")
        if b"\\" in raw:
            raw = raw.replace(b"\\n", b" ")
        return frozenset(raw.translate(_PLAIN).split())

    @cached_property
    def markdown(self) -> Markdown:
        """The parsed body."""
        return read_markdown(self.source, self.body_start)

    @cached_property
    def excerpts(self) -> list[Excerpt]:
        """The examples that stand for template code."""
        return read_excerpts(self.markdown)

    @cached_property
    def gotchas(self) -> list[Gotcha]:
        """The list items that start with a bold id."""
        found = (_GOTCHA.match(self.source.text, start) for start in self.markdown.items)
        return [Gotcha(match[1], match.start(1)) for match in found if match]


class Agent(Document):
    """An agent definition."""

    @property
    def stem(self) -> str:
        """The file's name without its suffixes, which is what its `name` should be."""
        return self.source.path.name.removesuffix(".md").removesuffix(".agent")

    @property
    def nested(self) -> bool:
        """It lies below the folder `agents`, where there may be other texts as well."""
        return self.source.path.parent.name != "agents"

    @property
    def for_copilot(self) -> bool:
        """It lies where only GitHub Copilot looks, or is named as only Copilot names agents."""
        return self.source.path.name.endswith(".agent.md") or self.root.name == ".github"

    @property
    def for_opencode(self) -> bool:
        """It lies where only OpenCode looks, or has the key by which OpenCode tells agents apart."""
        return self.root.name == ".opencode" or self.value("mode") in {"primary", "subagent", "all"}

    @property
    def skill_names(self) -> list[Scalar]:
        """The names that `skills:` links, from a list or a comma-separated text."""
        value = self.fields.get("skills") if self.fields else None
        match value:
            case Sequence(items=items):
                return [item for item in items if isinstance(item, Scalar) and isinstance(item.value, str)]
            case Scalar(value=str() as names):
                parts = (part.strip() for part in names.split(","))
                return [Scalar(value.start, value.end, part) for part in parts if part]
        return []

    @cached_property
    def conversations(self) -> tuple[list[Conversation], list[TagFault]]:
        """The `<example>` blocks in the description and in the body, and the tags that have no partner."""
        description = self.text_field("description")
        text = self.source.text
        tags = list(TAG.finditer(text, description.start, description.end)) if description else []
        of_description = read_conversations(text, tags)
        of_body = read_conversations(text, self.markdown.search(TAG) if _MAYBE_TAG.search(text) else ())
        return of_description[0] + of_body[0], of_description[1] + of_body[1]


class Skill(Document):
    """A skill's SKILL.md; the folder it lies in is the skill."""

    @property
    def folder(self) -> Path:
        """Where the skill's own files lie."""
        return self.source.path.parent

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The skill's other files in the folders that the specification names, by relative POSIX path."""
        found = []
        for name in self._specified:
            for folder, below, files in os.walk(self.folder / name):
                inner = Path(folder).relative_to(self.folder)
                if "SKILL.md" in files:
                    below.clear()  # a skill of its own
                    continue
                below[:] = [each for each in below if not each.startswith((".", "__")) and each != "node_modules"]
                found += [(inner / file).as_posix() for file in files if not file.startswith(".")]
                if len(found) > FILES_LIMIT:
                    return ()
        return tuple(sorted(found))

    @property
    def _specified(self) -> list[str]:
        """Those of the specification's folders that there are."""
        try:
            present = set(os.listdir(self.folder))  # noqa: PTH208 - the names are all that is wanted
        except OSError:
            return []
        return [name for name in SKILL_FOLDERS if name in present]

    @cached_property
    def programs(self) -> tuple[str, ...]:
        """The files beside the SKILL.md and in folders of other names, which may use those files."""
        found = []
        for folder, below, files in os.walk(self.folder):
            inner = Path(folder).relative_to(self.folder)
            skipped = SKILL_FOLDERS if folder == str(self.folder) else ()
            below[:] = [each for each in below if each not in skipped and not each.startswith((".", "__"))]
            found += [(inner / file).as_posix() for file in files if not file.startswith(".")]
            if len(found) > FILES_LIMIT:
                break
        return tuple(sorted(found)[:FILES_LIMIT])

    def file(self, path: str) -> Source:
        """One of the skill's files."""
        return read_source(self.folder / path, asked=self.source.asked)


class Plugin(Item):
    """A Claude Code plugin's `.claude-plugin/plugin.json`."""

    @cached_property
    def manifest(self) -> dict[str, Any] | None:
        """What the file says, or None where it is no JSON object."""
        try:
            value = json.loads(self.source.text)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @property
    def name(self) -> str:
        """What stands before the colon in the names of its agents and skills."""
        name = self.manifest.get("name") if self.manifest else None
        return name if isinstance(name, str) else self.root.name


class Page(Document):
    """Any other Markdown file: a skill's reference, or one that was asked for by name."""


class Template(Item):
    """A template's template.yaml; the folder it lies in is the template."""

    @property
    def folder(self) -> Path:
        """Where the template's files lie."""
        return self.source.path.parent


class ProofFile(Item):
    """A test module of `tests/proofs/`."""

    @cached_property
    def proofs(self) -> list[Proof]:
        """The tests that name a gotcha."""
        return [
            Proof(f"{match[2].upper()}-{match[3]}", match[1], match.start(1))
            for match in _PROOF.finditer(self.source.text)
        ]
