"""LK: links between agents, skills and files, which resolve either way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from fastapi_expert.lint.clients import effects
from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.house import house_packs
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import HOUSE_AGENT, SKILL, SKILL_PATH, house, skill
from fastapi_expert.pack.documents import Agent, Document, Skill, Template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi_expert.pack.reading import Pack

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_PLACEHOLDER = re.compile(r"(^|/)[A-Z_]+(/|$)")
_PATH = re.compile(r"(?P<path>[\w@.-]+(/[\w@.-]+)*/?)(::[\w.]+|:\d+(-\d+)?)?")


@rule(
    "LK001",
    "error",
    wrong={"agents/greeter.md": HOUSE_AGENT.replace("- greeting", "- greetings"), SKILL_PATH: SKILL},
    right={"agents/greeter.md": HOUSE_AGENT, SKILL_PATH: SKILL},
)
def unknown_skill(pack: Pack) -> Iterator[Fault]:
    """Every name in an agent's `skills:` is a skill.

    The agent starts without a skill that isn't found, and nobody is told.
    """
    known = {name for skill in pack.all(Skill) for name in _names(skill)}
    for agent in pack.asked(Agent):
        for name in agent.skill_names:
            # A name with a prefix may belong to a plugin that isn't here.
            if str(name.value).rpartition(":")[2] not in known and ":" not in str(name.value):
                message = f"there is no skill {name.value!r}{effects(agent, 'unknown skill')}"
                listed = f"the skills here are {', '.join(sorted(known))}" if known else "there are no skills beside it"
                yield Fault(agent.source, name.start, message, listed)


def _names(skill: Skill) -> Iterator[str]:
    """What a skill may be called: clients go by its folder or by its name."""
    yield skill.folder.name
    name = skill.text_field("name")
    if name is not None:
        yield str(name.value)


@rule(
    "LK002",
    "error",
    wrong=house(agent=HOUSE_AGENT.replace("skills:\n  - greeting\n", "")),
    right=house(),
)
def unlinked_skill(pack: Pack) -> Iterator[Fault]:
    """Every skill of a house pack is linked by one of its agents.

    A skill that the agent doesn't preload is read only if the model thinks of it.
    """
    for part in house_packs(pack):
        linked = {str(name.value).rpartition(":")[2] for agent in part.all(Agent) for name in agent.skill_names}
        for linkable in part.asked(Skill):
            if linked.isdisjoint(_names(linkable)):
                message = f"no agent of this pack links the skill {linkable.folder.name!r}"
                yield Fault(linkable.source, 0, message, "add its name to the agent's `skills:`")


@rule(
    "LK003",
    "error",
    wrong=skill(SKILL + "\nMore in [the titles](references/titles.md).\n"),
    right=skill(SKILL + "\nMore in [the skill itself](SKILL.md).\n"),
)
def broken_link(pack: Pack) -> Iterator[Fault]:
    """Every link to a file leads to one.

    The reader of a skill follows its links with a tool call; a broken one costs a turn and what it promised.
    """
    for document in pack.asked(Document):
        for link in document.markdown.links:
            target = re.split(r"[?#]", link.target, maxsplit=1)[0]
            # A single word without a dot is a placeholder, not a path.
            if link.kind == "code" or not re.search(r"[./]", target) or _SCHEME.match(target):
                continue
            path = document.source.path.parent / unquote(target)
            if target.startswith("/"):
                message = f"the link to `{target}` starts at the root of someone's disk"
                yield Fault(document.source, link.start, message, "make it relative to this file")
            elif not _exists(path):
                yield Fault(document.source, link.start, f"the link to `{target}` leads nowhere", "mend the path")


@rule(
    "LK004",
    "error",
    wrong=house(skill=SKILL + "\nSee `service/app/mian.py`.\n"),
    right=house(skill=SKILL + "\nSee `service/app/main.py`.\n"),
)
def broken_path(pack: Pack) -> Iterator[Fault]:
    """A path in backticks that starts in the skill, the pack or a template leads to a file.

    Models open such paths as they open links. A path that starts nowhere here is taken for one in a user's project,
    and one with a word in capitals, such as `skills/NAME/SKILL.md`, for a pattern.
    """
    for document in pack.asked(Document):
        beside = pack.at(document.root)
        templates = {template.folder.name: template.folder for template in beside.all(Template)}
        own = {folder for skill in beside.all(Skill) if (folder := skill.folder) in document.source.path.parents}
        for link in document.markdown.links:
            match = _PATH.fullmatch(link.target) if link.kind == "code" else None
            path = match["path"].rstrip("/") if match else ""
            first, _, rest = path.partition("/")
            if not rest or _PLACEHOLDER.search(path):
                continue
            starts = {document.source.path.parent} if first in {".", ".."} else set()
            starts |= {folder for folder in own if (folder / first).is_dir()}
            starts |= {document.root} if first in {"agents", "skills", "templates"} else set()
            starts |= {templates[first].parent} if first in templates else set()
            starts |= {folder for folder in templates.values() if (folder / first).is_dir()}
            if starts and not any(template_file_exists(start / path) for start in starts):
                yield Fault(document.source, link.start, f"there is no file `{path}`", "mend the path")


def template_file_exists(path: Path) -> bool:
    """The path exists as it is rendered, which drops the suffix `.jinja`."""
    return _exists(path) or _exists(path.with_name(path.name + ".jinja"))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long a name, a NUL
        return False
