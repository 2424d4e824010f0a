"""What each assistant reads, and where: a table. Copilot, Codex, Gemini CLI and OpenCode all read `.agents/skills`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastapi_expert.pack.location import content_root


@dataclass(frozen=True)
class Assistant:
    """One place to load from.

    Attributes:
        name: how it is called on the command line.
        programs: the commands that show that it is in use on this machine.
        folder: the folder that shows that it is in use in a project.
        agents: where it reads agents in our own form; None where it doesn't.
        skills: where it reads skills.
    """

    name: str
    programs: tuple[str, ...]
    folder: str
    agents: PurePosixPath | None
    skills: PurePosixPath

    def in_use(self, root: Path) -> bool:
        """Whether its folder is below `root`, or one of its programs is on the PATH."""
        return (root / self.folder).is_dir() or any(shutil.which(program) for program in self.programs)

    def files(self) -> dict[str, bytes]:
        """What it wants, by path relative to a project or a home."""
        pack = content_root()
        wanted = {}
        if self.agents is not None:
            for agent in sorted((pack / "agents").glob("*.md")):
                wanted[str(self.agents / agent.name)] = agent.read_bytes()
        for file in sorted((pack / "skills").rglob("*")):
            if file.is_file():
                wanted[str(self.skills / file.relative_to(pack / "skills").as_posix())] = file.read_bytes()
        return wanted


ASSISTANTS = {
    assistant.name: assistant
    for assistant in (
        Assistant("claude", ("claude",), ".claude", PurePosixPath(".claude/agents"), PurePosixPath(".claude/skills")),
        Assistant(
            "agents", ("codex", "copilot", "gemini", "opencode"), ".agents", None, PurePosixPath(".agents/skills")
        ),
    )
}
