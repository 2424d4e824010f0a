"""`npx skills add`: the ten skills, of which each is copied alone, with what it links to."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import SKILLS, replace
from .programs import run


def added(home: Path, project: Path, pack: Path) -> list[str]:
    """The names of the skills that it finds in the repository and copies for Claude Code and Codex."""
    options = ["--agent", "claude-code", "codex", "--skill", "*", "--yes", "--copy"]
    done = run(["skills", "add", str(pack), *options], home, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(skill["name"] for skill in json.loads(run(["skills", "list", "--json"], home, cwd=project).stdout))


def test_the_ten_skills_are_found_and_copied(home: Path, project: Path, pack: Path) -> None:
    assert added(home, project, pack) == SKILLS
    for folder in (".agents/skills", ".claude/skills"):
        assert (project / folder / "fastapi/assets/templates/service/app/main.py").is_file()


def test_a_skill_without_a_description_is_not(home: Path, project: Path, pack: Path) -> None:
    replace(pack / "skills/fastapi/SKILL.md", "description:", "about:")

    assert added(home, project, pack) == [skill for skill in SKILLS if skill != "fastapi"]
