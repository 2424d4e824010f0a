"""Qwen Code: the repository as an extension. It has no command that lists what a project brings."""

from __future__ import annotations

import re
from pathlib import Path

from .conftest import AGENT, SKILLS, replace
from .programs import run


def listed(home: Path, project: Path, pack: Path) -> tuple[list[str], list[str]]:
    """The agents and the skills of the only extension, as `extensions list` names them."""
    # The name after the colon chooses the plugin of the marketplace, which it asks for otherwise.
    installed = run(["qwen", "extensions", "install", f"{pack}:fastapi-expert", "--consent"], home, cwd=project)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    said = run(["qwen", "extensions", "list"], home, cwd=project).stdout
    parts = [re.search(rf"^ {kind}:\n((?:  \S+\n?)+)", said, re.MULTILINE) for kind in ("Agents", "Skills")]
    agents, skills = (sorted(part[1].split()) if part else [] for part in parts)
    return agents, skills


def test_the_repository_as_an_extension(home: Path, project: Path, pack: Path) -> None:
    assert listed(home, project, pack) == ([AGENT], SKILLS)


def test_what_qwen_leaves_out(home: Path, project: Path, pack: Path) -> None:
    replace(pack / f"agents/{AGENT}.md", "description:", "about:")
    (pack / "skills/fastapi/SKILL.md").unlink()

    agents, skills = listed(home, project, pack)

    assert agents == []
    assert skills == [skill for skill in SKILLS if skill != "fastapi"]
