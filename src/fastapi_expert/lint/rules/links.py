"""LK: links between agents, skills and files, which resolve either way."""

from __future__ import annotations

import os
import re
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from fastapi_expert.lint.clients import effects
from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.house import house_packs
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import HOUSE_AGENT, SKILL, SKILL_PATH, house, skill
from fastapi_expert.pack.documents import Agent, Document, Page, Plugin, Skill, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.markdown import Link
    from fastapi_expert.pack.reading import Pack

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_PLACEHOLDER = re.compile(r"(^|/)[A-Z_]+(/|$)|\.\.\.|(?<=[a-z_-])N(?=[./]|$)")
_PLACEHOLDERS = re.compile(r"[<>{}$*\u2026]|\.\.\.|(^|/)[A-Z]+(_[A-Z]+)*(/|$)")
_ABSOLUTE = re.compile(r"/(?!/)[^#?]*\.\w{1,5}(?=$|[?#])|[A-Za-z]:[/\\]|~/")
_HEADING_NAME = re.compile(r"\{#([\w.:-]+)\}\s*$")
_HTML_NAME = re.compile(r"""\b(?:id|name)\s*=\s*["']([^"'\s]+)["']""", re.IGNORECASE)
_SCRIPTS = frozenset({".bash", ".js", ".mjs", ".py", ".sh", ".ts"})
_IMPLIED = re.compile(
    r"(^|/)(__init__\.py|LICENSE[^/]*|README[^/]*|requirements[^/]*\.txt|package(-lock)?\.json|pyproject\.toml|[\w.-]+\.lock|tests?/.*|test_[^/]*\.py|[^/]*_test\.\w+|[^/]*\.test\.\w+)$"
)
_SUPPOSED = re.compile(
    r"\b(examples?|e\.g\.|such as|would|could|might|if (it|they|there|one)|exists?|create|like)\b", re.IGNORECASE
)
_DESTINATION_CHARACTERS = 200  # in which it is said what becomes of a file, before its path
_DESTINATION = re.compile(
    r"\b(cop(y|ied)|cp|moved?|mv|renamed?|saved?|writ(e|ten)|placed?|put|stored?)\b.*\b(to|as|into|in)\s+$",
    re.IGNORECASE,
)
NAMES_SHOWN = 20
_PATH = re.compile(r"(?P<path>[\w@.-]+(/[\w@.-]+)*/?)(::[\w.]+|:\d+(-\d+)?)?")


@rule(
    "LK001",
    "error",
    wrong={"agents/greeter.md": HOUSE_AGENT.replace("- greeting", "- greetings"), SKILL_PATH: SKILL},
    right={"agents/greeter.md": HOUSE_AGENT, SKILL_PATH: SKILL},
)
def unknown_skill(pack: Pack) -> Iterator[Fault]:
    """Every name in an agent's `skills:` is a skill.

    The agent starts without a skill that isn't found, and nobody is told. Claude Code looks for the name itself, then
    for `PLUGIN:NAME` in the agent's own plugin, then for any skill whose name ends in `:NAME`.
    """
    skills = list(_claude_names(pack))
    known = {name for name, _ in skills}
    last_parts = {name.rpartition(":")[2] for name in known if ":" in name}
    plugins = {plugin.name for plugin in pack.all(Plugin)}
    for agent in pack.asked(Agent):
        own = next((plugin.name for plugin in pack.at(agent.root).all(Plugin)), None)
        for linked in agent.skill_names:
            name = str(linked.value)
            if name in known or f"{own}:{name}" in known or name in last_parts:
                continue
            if ":" in name and name.partition(":")[0] not in plugins:
                continue  # it may belong to a plugin that isn't here
            renamed = next((known_as for known_as, skill in skills if skill.folder.name == name), None)
            message = f"there is no skill {name!r}{effects(agent, 'unknown skill')}"
            if renamed is not None:
                help_ = f"the skill in the folder {name!r} goes by its name, {renamed!r}"
            elif known:
                names = sorted(known)[:NAMES_SHOWN]
                help_ = f"the skills here are {', '.join(names)}{', …' if len(known) > NAMES_SHOWN else ''}"
            else:
                help_ = "there are no skills beside it"
            yield Fault(agent.source, linked.start, message, help_)


def _claude_names(pack: Pack) -> Iterator[tuple[str, Skill]]:
    """What Claude Code calls each skill: its name, or its folder's, after the name of its plugin."""
    for part in pack.parts:
        plugin = next((f"{plugin.name}:" for plugin in part.all(Plugin)), "")
        for named in part.all(Skill):
            name = named.text_field("name")
            yield f"{plugin}{name.value if name else named.folder.name}", named


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

    A skill that the agent doesn't preload is read only if the model thinks of it. While an agent's frontmatter can't be
    read, nothing is said: that is the fault to mend first.
    """
    for part in house_packs(pack):
        if not all(_has_sound_frontmatter(agent) for agent in part.items if isinstance(agent, Agent)):
            continue
        linked = {str(name.value).rpartition(":")[2] for agent in part.all(Agent) for name in agent.skill_names}
        for linkable in part.asked(Skill):
            if linked.isdisjoint(_names(linkable)):
                message = f"no agent of this pack links the skill {linkable.folder.name!r}"
                yield Fault(linkable.source, 0, message, "add its name to the agent's `skills:`")


def _has_sound_frontmatter(agent: Agent) -> bool:
    return agent.fields is not None and agent.frontmatter is not None and not agent.frontmatter.faults


@rule(
    "LK003",
    "error",
    wrong=skill(SKILL + "\nMore in [the titles](references/titles.md).\n"),
    right=skill(SKILL + "\nMore in [the skill itself](SKILL.md).\n"),
)
def broken_link(pack: Pack) -> Iterator[Fault]:
    """Every link to a file leads to one.

    The reader of a skill follows its links with a tool call; a broken one costs a turn and what it promised. What lies
    in a skill's assets or templates is made to be copied: its links hold where the copy goes.
    """
    for document in pack.asked(Document):
        for link, path in _file_links(document):
            if not path.is_relative_to(document.root) or _exists(path):
                continue
            if _is_to_be_copied(document, pack.skill_of(document)):
                break
            yield Fault(document.source, link.start, f"the link to `{link.target}` leads nowhere", "mend the path")


def _unquoted(address: str) -> str:
    if "%" not in address:
        return address
    from urllib.parse import unquote  # few links need it

    return unquote(address)


def _is_to_be_copied(document: Document, skill: Skill | None) -> bool:
    inner = document.source.path.relative_to(skill.folder).parts if skill else ()
    return inner[:1] in {("assets",), ("templates",)}


@lru_cache(maxsize=4096)
def _file_links(document: Document) -> list[tuple[Link, Path]]:
    """The Markdown links that are relative paths, each with the file that it names."""
    found = []
    for link in document.markdown.links:
        if link.kind == "code":
            continue
        target = re.split(r"[?#]", link.target, maxsplit=1)[0]
        # A single word without a dot is a placeholder, not a path.
        if not re.search(r"[./]", target) or _SCHEME.match(target) or target.startswith(("/", "~/")):
            continue
        if not _PLACEHOLDERS.search(target):
            found.append((link, Path(os.path.normpath(document.source.path.parent / _unquoted(target)))))
    return found


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
    folders = cache(_is_folder)
    for part in pack.parts:
        templates = {template.folder.name: template.folder for template in part.all(Template)}
        for document in part.asked(Document):
            for link in document.markdown.links:
                match = _PATH.fullmatch(link.target) if link.kind == "code" and "/" in link.target else None
                path = match["path"].rstrip("/") if match else ""
                first, _, rest = path.partition("/")
                if not rest or first == "." or _PLACEHOLDER.search(path):
                    continue  # from `.` a path starts where the user stands
                skill = pack.skill_of(document)
                starts = {document.root} if first in {"agents", "skills", "templates"} else set()
                starts |= {templates[first].parent} if first in templates else set()
                if first == "..":
                    starts |= {document.source.path.parent} if _ends_here(document, path) else set()
                else:
                    starts |= {skill.folder} if skill and folders(skill.folder / first) else set()
                    starts |= {folder for folder in templates.values() if folders(folder / first)}
                starts |= {document.root, document.source.path.parent} if starts else set()
                if starts and not any(template_file_exists(start / path) for start in starts):
                    number, column = document.source.position(link.start)
                    line = document.source.line(number)
                    before = line[: column - 1][-_DESTINATION_CHARACTERS:]
                    is_to_come = _SUPPOSED.search(line) or _DESTINATION.search(before)
                    if not is_to_come and not _lies_in_named_skill(pack, document, path):
                        yield Fault(document.source, link.start, f"there is no file `{path}`", "mend the path")


@rule(
    "LK005",
    "error",
    wrong=skill(SKILL + "\nSee [the titles](#titles).\n"),
    right=skill(SKILL + "\nSee [the titles](#titles).\n\n## Titles\n\nSay Dr first.\n"),
)
def broken_anchor(pack: Pack) -> Iterator[Fault]:
    """A link to a heading leads to one.

    The reader searches the whole file for a section that isn't there. Names of headings are made as GitHub makes them,
    or given as in `## Titles {#titles}`.
    """
    anchors = cache(_anchors)
    for document in pack.asked(Document):
        for link in document.markdown.links:
            if link.kind != "link" or "#" not in link.target:
                continue
            target, _, anchor = link.target.partition("#")
            if not anchor or _SCHEME.match(target) or _PLACEHOLDERS.search(anchor):
                continue
            if _is_to_be_copied(document, pack.skill_of(document)):
                break
            path = document.source.path
            named = Path(os.path.normpath(path.parent / _unquoted(target))) if target else path
            into = pack.documents.get(named)
            if into is not None and _unquoted(anchor).lower() not in anchors(into):
                where = f"{target} has" if target else "this file has"
                yield Fault(document.source, link.start, f"{where} no heading `#{anchor}`", "name one that it has")


def _anchors(document: Document) -> frozenset[str]:
    """The names by which a document's headings and its HTML can be linked, in lower case."""
    found: set[str] = set()
    for heading in document.markdown.headings:
        if given := _HEADING_NAME.search(heading.text):
            found.add(given[1].lower())
        name = re.sub(r"[^\w\- ]", "", heading.text.strip().lower()).replace(" ", "-")
        number, unique = 0, name
        while unique in found:
            number += 1
            unique = f"{name}-{number}"
        found |= {unique, unique.strip("-"), re.sub(r"-+", "-", unique)}
    found |= {match[1].lower() for match in _HTML_NAME.finditer(document.source.text)}
    return frozenset(found)


_REFERENCE = {"skills/greeting/references/titles.md": "Say Dr first; more in [the list](list.md).\n"}
_LIST = {"skills/greeting/references/list.md": "Dr, Prof\n"}
_TO_TITLES = SKILL + "\nWith titles, read [these](references/titles.md).\n"


@rule(
    "LK006",
    "warning",
    wrong=skill(_TO_TITLES) | _REFERENCE | _LIST,
    right=skill(_TO_TITLES + "\nAll of them are in [a list](references/list.md).\n") | _REFERENCE | _LIST,
)
def deep_reference(pack: Pack) -> Iterator[Fault]:
    """What a reference of a skill refers to, the SKILL.md refers to as well.

    References go one level deep, says the specification: what is found only through another file is often read in part,
    or never.
    """
    for document in pack.asked(Page):
        skill = pack.skill_of(document)
        if skill is None:
            continue
        told = set[Path]()
        for link, path in _file_links(document):
            into = pack.documents.get(path)
            if not isinstance(into, Page) or path in told or pack.skill_of(into) is not skill:
                continue
            told.add(path)
            if path.name not in skill.source.text and path != document.source.path:
                message = f"`{link.target}` is referred to here, but not by the SKILL.md"
                yield Fault(document.source, link.start, message, "name it in the SKILL.md, and when to read it")


@rule(
    "LK007",
    "error",
    wrong=skill(SKILL + "\nMore in [the titles](/home/ada/titles.md).\n"),
    right=skill(SKILL + "\nMore in [the skill itself](SKILL.md).\n"),
)
def absolute_link(pack: Pack) -> Iterator[Fault]:
    """No link starts at the root of a disk.

    It leads nowhere on any disk but the author's.
    """
    for document in pack.asked(Document):
        for link in document.markdown.links:
            # On a web site `/docs/page` is a page; only a path with a file's suffix is surely meant as a file.
            if link.kind != "code" and _ABSOLUTE.match(link.target) and not _exists(Path(link.target)):
                message = f"the link to `{link.target}` starts at the root of someone's disk"
                yield Fault(document.source, link.start, message, "make it relative to this file")


@rule(
    "LK008",
    "warning",
    wrong=skill(SKILL + "\nMore in [the guide](../../GUIDE.md).\n") | {"GUIDE.md": "Be kind.\n"},
    right=skill(SKILL + "\nMore in [the guide](references/GUIDE.md).\n")
    | {"skills/greeting/references/GUIDE.md": "Be kind.\n"},
)
def escaping_link(pack: Pack) -> Iterator[Fault]:
    """A skill's links stay in its pack.

    A skill is installed without what lies around it; a link that leaves the pack leads nowhere there, or to a
    stranger's file. To a skill beside it a link is fine.
    """
    for document in pack.asked(Document):
        links = _file_links(document)
        skill = pack.skill_of(document) if links else None
        if skill is None:
            continue
        home = skill.folder.parent
        for link, path in links:
            if not path.is_relative_to(home) and (_exists(path) or not path.is_relative_to(document.root)):
                message = f"the link to `{link.target}` leaves the skills, so an installed copy has nothing there"
                yield Fault(document.source, link.start, message, "copy what is needed into the skill")


@rule(
    "LK009",
    "warning",
    wrong=skill(SKILL) | _LIST,
    right=skill(SKILL + "\nThe titles are in [a list](references/list.md).\n") | _LIST,
)
def orphan(pack: Pack) -> Iterator[Fault]:
    """Every file of a skill is named by the skill.

    What no text names is never read, and costs whoever reviews the skill. Judged are the folders that the specification
    names: references, scripts, assets, templates, examples and resources.
    """
    for owner in pack.asked(Skill):
        unnamed = [path for path in owner.files if not _is_named(path, owner.source.text) and not _IMPLIED.search(path)]
        if not unnamed:
            continue
        by_path = {path: owner.file(path).text for path in (*owner.files, *owner.programs)}
        for path in unnamed:
            others = [text for other, text in by_path.items() if other != path]
            if not any(_is_named(path, text) for text in others):
                help_ = "say in the SKILL.md when to read or run it, or delete it"
                yield Fault(owner.file(path), 0, "no text of the skill names this file", help_)


def _is_named(path: str, text: str) -> bool:
    """The text names the file, or one of its folders without going on to another file."""
    file = PurePosixPath(path)
    if file.name in text or (file.suffix in _SCRIPTS and re.search(rf"\b{re.escape(file.stem)}\b", text)):
        return True
    return any(
        re.search(rf"\b{re.escape(folder.name)}/?(?=$|[\s`'\"),.;:*|\]]|/[*{{<$])", text, re.MULTILINE)
        for folder in file.parents
        if folder.name
    )


def _lies_in_named_skill(pack: Pack, document: Document, path: str) -> bool:
    """The path starts in another skill, which the document names."""
    text = document.source.text
    return any(skill.folder.name in text and _exists(skill.folder / path) for skill in pack.all(Skill))


def _ends_here(document: Document, path: str) -> bool:
    """A path from a document is one to Markdown, or to a file of a folder that exists, in the document's pack."""
    folder = Path(os.path.normpath(document.source.path.parent / path)).parent
    suffix = PurePosixPath(path).suffix
    return folder.is_relative_to(document.root) and (suffix == ".md" or (suffix != "" and _is_folder(folder)))


def template_file_exists(path: Path) -> bool:
    """The path exists as it is rendered, which drops the suffix `.jinja`."""
    return _exists(path) or _exists(path.with_name(path.name + ".jinja"))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long a name, a NUL
        return False
