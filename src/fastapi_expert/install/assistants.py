"""What each assistant reads, in which form, and where: a table, as measured by loading it (`tests/clients`)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapi_expert.install.forms import Form, as_it_is, markdown, toml
from fastapi_expert.pack.documents import Agent
from fastapi_expert.pack.location import LEFTOVERS, content_root
from fastapi_expert.pack.reading import read_pack

LINK_TARGET_LIMIT = 100  # bytes


class NoContentError(Exception):
    """This copy of the program came with a single skill: it holds templates, but neither the agent nor the skills."""


@dataclass(frozen=True)
class Place:
    """A folder below a project, and the one below a home that serves the same."""

    project: str
    user: str

    def below(self, scope: str) -> str:
        """The folder for a scope, `project` or `user`."""
        return self.user if scope == "user" else self.project


@dataclass(frozen=True)
class AgentFiles:
    """Where an assistant reads agents, and as what."""

    place: Place
    suffix: str
    form: Form


@dataclass(frozen=True)
class Assistant:
    """One row of the table.

    Attributes:
        name: how it is called on the command line.
        programs: the commands that show that it is in use on this machine.
        signs: the files or folders that show that it is in use in a project or a home.
        skills: where it reads skills.
        agents: how it reads agents; None where it doesn't.
        note: what its user has to do for it, a clause.
    """

    name: str
    programs: tuple[str, ...]
    signs: tuple[str, ...]
    skills: Place
    agents: AgentFiles | None
    note: str = ""

    def in_use(self, folder: Path) -> bool:
        """Whether it left a sign in `folder`, or one of its programs is on the PATH."""
        return any((folder / sign).exists() for sign in self.signs) or any(map(shutil.which, self.programs))

    def files(self, scope: str, *, link: bool = False) -> dict[str, bytes | Path]:
        """What it wants, by POSIX path below a project or a home: a file's content, or where a link leads.

        Args:
            scope: `project` or `user`.
            link: link to what is the same for this assistant as in the pack, in place of copying it.

        Raises:
            NoContentError: this copy of the program has no agent to install.
        """
        pack = content_root()
        if not (pack / "agents").is_dir():
            raise NoContentError(
                f"{pack} came with one skill and holds only templates: install from a clone or a wheel"
            )
        skills = self.skills.below(scope)
        wanted: dict[str, bytes | Path] = {}
        if self.agents is not None:
            for agent in read_pack([pack / "agents"]).all(Agent):
                path = f"{self.agents.place.below(scope)}/{agent.stem}{self.agents.suffix}"
                linked = link and self.agents.form is as_it_is
                wanted[path] = agent.source.path if linked else self.agents.form(agent, skills)
        for skill in sorted(path for path in (pack / "skills").iterdir() if path.is_dir()):
            if link:
                wanted[f"{skills}/{skill.name}"] = skill
            else:
                wanted |= {f"{skills}/{skill.name}/{path}": file.read_bytes() for path, file in _files_of(skill)}
        return wanted


def _files_of(folder: Path, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """The files of a skill by POSIX path: what it links to is part of it, what tools left behind isn't."""
    for entry in sorted(folder.iterdir()):
        place = _followed(entry)
        if entry.name in LEFTOVERS:
            continue
        if place.is_dir():
            yield from _files_of(place, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", place


def _followed(entry: Path) -> Path:
    """What stands for a file: where git may not make links, it writes the link's target into a file of its name."""
    if entry.is_file() and entry.stat().st_size < LINK_TARGET_LIMIT:
        target = entry.read_bytes()
        if target.startswith(b"../") and b"\n" not in target:
            return entry.parent / target.decode()
    return entry


def _everywhere(folder: str) -> Place:
    return Place(folder, folder)


_AGENTS_SKILLS = _everywhere(".agents/skills")

ASSISTANTS = {
    assistant.name: assistant
    for assistant in (
        Assistant(
            "claude",
            programs=("claude",),
            signs=(".claude",),
            skills=_everywhere(".claude/skills"),
            agents=AgentFiles(_everywhere(".claude/agents"), ".md", as_it_is),
        ),
        Assistant(
            "codex",
            programs=("codex",),
            signs=(".codex",),
            skills=_AGENTS_SKILLS,
            agents=AgentFiles(_everywhere(".codex/agents"), ".toml", toml),
            note="reads the agent once you trust the project",
        ),
        Assistant(
            "copilot",
            programs=("copilot",),
            signs=(".copilot", ".github/copilot-instructions.md", ".github/agents", ".github/skills"),
            skills=_AGENTS_SKILLS,
            agents=AgentFiles(
                Place(".github/agents", ".copilot/agents"), ".agent.md", markdown("name", "description", "skills")
            ),
        ),
        Assistant(
            "gemini",
            programs=("gemini",),
            signs=(".gemini",),
            skills=_AGENTS_SKILLS,
            # Any other key, and Gemini CLI drops the agent.
            agents=AgentFiles(_everywhere(".gemini/agents"), ".md", markdown("name", "description")),
            note="reads them once you trust the folder",
        ),
        Assistant(
            "opencode",
            programs=("opencode",),
            signs=(".opencode", "opencode.json", ".config/opencode"),
            skills=_AGENTS_SKILLS,
            # Its name is the file's; a key of the wrong type, and OpenCode doesn't start.
            agents=AgentFiles(
                Place(".opencode/agents", ".config/opencode/agents"), ".md", markdown("description", mode="all")
            ),
        ),
        Assistant(
            "cursor",
            programs=("cursor", "cursor-agent"),
            signs=(".cursor",),
            skills=Place(".agents/skills", ".cursor/skills"),
            agents=AgentFiles(_everywhere(".cursor/agents"), ".md", markdown("name", "description", "model")),
        ),
        Assistant(
            "qwen",
            programs=("qwen",),
            signs=(".qwen",),
            skills=_everywhere(".qwen/skills"),
            agents=AgentFiles(_everywhere(".qwen/agents"), ".md", markdown("name", "description", "color")),
        ),
        Assistant("agents", programs=(), signs=(), skills=_AGENTS_SKILLS, agents=None),
    )
}
