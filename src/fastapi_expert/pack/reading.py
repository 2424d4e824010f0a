"""Finding what a pack holds: by folder, where clients look for it, and by file, from its name and place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fnmatch import filter as matching
from functools import cache, cached_property
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi_expert.pack.documents import Agent, Document, Item, Page, Plugin, ProofFile, Skill, Template
from fastapi_expert.pack.source import Source, read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

SKILL_FILE = "SKILL.md"
TEMPLATE_FILE = "template.yaml"
PLUGIN_FILE = "plugin.json"
# The hidden folders from which some client loads; nothing is loaded from any other.
CLIENT_FOLDERS = frozenset(
    {
        ".agents",
        ".claude",
        ".claude-plugin",
        ".codex",
        ".copilot",
        ".cursor",
        ".gemini",
        ".github",
        ".opencode",
        ".qwen",
    }
)
# What is written about a folder, for people or for assistants that work in it: no agents, even where agents lie.
ABOUT_FOLDERS = frozenset(
    {
        "AGENTS.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CLAUDE.md",
        "CODE_OF_CONDUCT.md",
        "CONTRIBUTING.md",
        "GEMINI.md",
        "LICENSE.md",
        "README.md",
        "SECURITY.md",
    }
)
SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})

# What is read for what others say about it, in the folder of whatever is asked for: a folder, how many levels below it,
# and which files.
BESIDE = (
    (".claude-plugin", 0, PLUGIN_FILE),
    ("agents", 0, "*.md"),
    ("skills", None, "*.md"),
    ("templates", 1, TEMPLATE_FILE),
    ("tests/proofs", 0, "test_*.py"),
)

ItemT = TypeVar("ItemT", bound=Item)


class PathError(ValueError):
    """A path that can't be checked, with what is wrong with it."""


@dataclass(frozen=True, eq=False)
class Pack:
    """Everything that was read: what the user asked for and what it refers to.

    Attributes:
        items: agents, skills, pages, templates and proofs, sorted by path.
    """

    items: tuple[Item, ...]

    def all(self, kind: type[ItemT]) -> list[ItemT]:
        """The items of a kind that could be read."""
        if kind not in self._by_kind:
            self._by_kind[kind] = [item for item in self.items if isinstance(item, kind) and item.source.readable]
        return list(self._by_kind[kind])

    def asked(self, kind: type[ItemT]) -> list[ItemT]:
        """Those of them that the user asked for."""
        if kind not in self._asked_by_kind:
            self._asked_by_kind[kind] = [item for item in self.all(kind) if item.source.asked]
        return list(self._asked_by_kind[kind])

    @cached_property
    def _by_kind(self) -> dict[type[Item], list[Any]]:
        return {}

    @cached_property
    def _asked_by_kind(self) -> dict[type[Item], list[Any]]:
        return {}

    def at(self, root: Path) -> Pack:
        """The part that lies in one folder's `agents/`, `skills/`, `templates/` and `tests/proofs/`."""
        return self._parts.get(root) or Pack(())

    @property
    def parts(self) -> Iterator[Pack]:
        """The pack by the folders that its parts lie in."""
        yield from self._parts.values()

    @cached_property
    def documents(self) -> dict[Path, Document]:
        """Every Markdown file that could be read, by its path."""
        return {item.source.path: item for item in self.all(Document)}

    def skill_of(self, document: Document) -> Skill | None:
        """The skill that a document belongs to."""
        if isinstance(document, Skill):
            return document
        found = (self._skills.get(folder) for folder in document.source.path.parents)
        return next((skill for skill in found if skill is not None), None)

    @cached_property
    def _skills(self) -> dict[Path, Skill]:
        """The skills by their folders."""
        return {skill.folder: skill for skill in self.all(Skill) if skill.source.path.name == SKILL_FILE}

    @property
    def roots(self) -> list[Path]:
        """The folders that hold such a part."""
        return list(self._parts)

    @cached_property
    def _parts(self) -> dict[Path, Pack]:
        items: dict[Path, list[Item]] = {}
        for item in self.items:
            items.setdefault(item.root, []).append(item)
        if len(items) == 1:
            return dict.fromkeys(items, self)
        return {root: Pack(tuple(items[root])) for root in sorted(items)}


def read_pack(paths: Iterable[Path], texts: Mapping[Path, str] | None = None) -> Pack:
    """Read files and folders, and what lies beside them in the same pack.

    Args:
        paths: what the user asks for.
        texts: texts to take in place of what lies on disk, by absolute path.

    Raises:
        PathError: a path that doesn't exist, or a file that is no part of any pack.
    """
    items: dict[Path, Item] = {}
    lies_in_skill = cache(_lies_in_skill)  # in this state of the disk

    def add(path: Path, kind: type[Item] | None, *, asked: bool) -> None:
        if kind is None or path in items:
            return
        known = texts.get(path) if texts else None
        source = read_source(path, asked=asked) if known is None else Source(path, known, asked)
        items[path] = kind(source, _root(path, kind))

    for given in paths:
        path = Path(os.path.abspath(given))  # noqa: PTH100 - `..` goes, symbolic links stay
        if path.is_dir():
            for file in _walk(path):
                add(file, Page if file.is_dir() else kind_of(file, lies_in_skill), asked=True)
        elif not (texts and path in texts) and not os.path.lexists(path):
            raise PathError(f"{given}: there is no such file or folder")
        elif (kind := kind_of(path, lies_in_skill)) is None and path.suffix != ".md":
            raise PathError(f"{given}: not a Markdown file, a {TEMPLATE_FILE} or a proof, so there is nothing to check")
        else:
            add(path, kind or Page, asked=True)
    for root in {item.root for item in items.values()}:
        for file in _beside(root):
            add(file, kind_of(file, lies_in_skill), asked=False)
    return Pack(tuple(items[path] for path in sorted(items)))


def kind_of(path: Path, lies_in_skill: Callable[[Path], bool]) -> type[Item] | None:
    """What a file is by its name and place, or None."""
    name, folder = path.name, path.parent
    if name == SKILL_FILE or (name.casefold() == SKILL_FILE.casefold() and folder.parent.name == "skills"):
        return Skill
    if name == TEMPLATE_FILE and folder.parent.name == "templates":
        return Template
    if name.startswith("test_") and name.endswith(".py") and folder.name == "proofs" and folder.parent.name == "tests":
        return ProofFile
    if name == PLUGIN_FILE and folder.name == ".claude-plugin":
        return Plugin
    if not name.endswith(".md"):
        return None
    if lies_in_skill(folder):
        return Page
    if name.endswith(".agent.md") or (name not in ABOUT_FOLDERS and _is_agents_folder(folder)):
        return Agent
    return None


def _lies_in_skill(folder: Path) -> bool:
    return any((each / SKILL_FILE).is_file() for each in (folder, *folder.parents))


def _is_agents_folder(folder: Path) -> bool:
    """Agents lie in `agents/`; in a client's own folder also in folders below that. A folder of commands has none."""
    if folder.name == "agents":
        return folder.parent.name not in {"commands", "docs"}
    return any(above.name == "agents" and above.parent.name in CLIENT_FOLDERS for above in folder.parents)


def _root(path: Path, kind: type[Item]) -> Path:
    """The folder whose `agents/`, `skills/`, `templates/` or `tests/` holds the file; else the one it lies in."""
    if kind is Plugin:
        return path.parent.parent
    name = {Agent: "agents", Template: "templates", ProofFile: "tests"}.get(kind, "skills")
    return next((folder.parent for folder in path.parents if folder.name == name), path.parent)


def _beside(root: Path) -> Iterator[Path]:
    """The files that are read beside others; a folder that vanishes meanwhile has none."""
    for name, levels, pattern in BESIDE:
        top = root / name
        for folder, below, files in os.walk(top):
            yield from (Path(folder, file) for file in matching(files, pattern))
            if levels is not None and len(Path(folder).relative_to(top).parts) == levels:
                below.clear()


def _walk(start: Path) -> Iterator[Path]:
    """The files below a folder, each folder once; a folder that can't be read stands for itself."""
    visited: set[tuple[int, int]] = set()
    folders, linked = [start], list[Path]()
    while folders or linked:
        # Linked folders come last, so that a file goes by its own path where it has one.
        folder = folders.pop() if folders else linked.pop()
        try:
            status = folder.stat()
            entries = sorted(os.scandir(folder), key=attrgetter("name"))
        except OSError:
            yield folder
            continue
        if (status.st_dev, status.st_ino) in visited:
            continue
        visited.add((status.st_dev, status.st_ino))
        if folder.parent.name == "templates" and any(entry.name == TEMPLATE_FILE for entry in entries):
            yield folder / TEMPLATE_FILE  # the rest is the template's
            continue
        for entry in entries:
            path = folder / entry.name
            if not _is_folder(entry):
                yield path
            elif not _is_searched(path):
                continue
            elif not entry.is_symlink():
                folders.append(path)
            elif path.resolve() in (here := folder.resolve(), *here.parents):
                yield path  # a loop stands for itself, too
            else:
                linked.append(path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _is_searched(folder: Path) -> bool:
    if folder.name.startswith("."):
        return folder.name in CLIENT_FOLDERS
    # What other tests bring along is broken on purpose.
    if folder.parent.name == "tests":
        return folder.name == "proofs"
    return folder.name not in SKIPPED_FOLDERS
