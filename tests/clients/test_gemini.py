"""Gemini CLI: the repository as an extension, and the installed agent, which it takes in its own form only."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from .conftest import AGENT, SKILLS, Install, replace
from .programs import run


def extension(home: Path, project: Path, folder: Path) -> tuple[dict[str, Any], str]:
    """An extension as Gemini lists it after it was linked, and what it complains about."""
    linked = run(["gemini", "extensions", "link", str(folder), "--consent"], home, cwd=project, given="y\n")
    assert linked.returncode == 0, linked.stderr
    done = run(["gemini", "extensions", "list", "--output-format", "json"], home, cwd=project)
    said = done.stdout + done.stderr
    start = re.search(r"^\[$", said, re.MULTILINE)
    assert start is not None, said
    [listed], end = json.JSONDecoder().raw_decode(said, start.start())
    return listed, said[: start.start()] + said[end:]


def names(items: list[dict[str, Any]]) -> list[str]:
    """Their names, sorted."""
    return sorted(item["name"] for item in items)


def test_the_repository_as_an_extension_brings_the_skills_and_not_the_agent(
    home: Path, project: Path, pack: Path
) -> None:
    listed, complaints = extension(home, project, pack)

    assert names(listed["skills"]) == SKILLS
    assert names(listed["agents"]) == []
    assert "'color', 'skills'" in complaints  # the keys of Claude Code's form, which it doesn't take


def test_the_installed_agent_is_accepted(home: Path, install: Install, pack: Path) -> None:
    shutil.copytree(install("gemini") / ".gemini/agents", pack / "agents", dirs_exist_ok=True)

    listed, complaints = extension(home, pack.parent, pack)

    assert names(listed["agents"]) == [AGENT]
    assert "Error loading agent" not in complaints


def test_the_installed_skills(home: Path, install: Install) -> None:
    project = install("gemini")
    (home / ".gemini").mkdir()
    (home / ".gemini/trustedFolders.json").write_text(json.dumps({str(project): "TRUST_FOLDER"}))

    assert set(SKILLS) <= enabled_skills(home, project)

    replace(project / ".agents/skills/fastapi/SKILL.md", "name: fastapi\n", "")
    assert set(SKILLS) - enabled_skills(home, project) == {"fastapi"}


def enabled_skills(home: Path, project: Path) -> set[str]:
    """The skills that Gemini would use in a project."""
    done = run(["gemini", "skills", "list", "--all"], home, cwd=project)
    return set(re.findall(r"^([\w-]+) \[Enabled\]", done.stdout + done.stderr, re.MULTILINE))
