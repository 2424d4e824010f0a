"""Codex: what the model would be told, from `codex debug prompt-input`."""

from __future__ import annotations

import json
import re
from pathlib import Path

from .conftest import AGENT, SKILLS, Install, replace
from .programs import run

ROLE = ".codex/agents/fastapi-backend-expert.toml"


def told(home: Path, project: Path) -> tuple[list[str], list[str]]:
    """The roles that may be spawned, and the skills, both as Codex names them."""
    done = run(["codex", "debug", "prompt-input", "hi"], home, cwd=project)
    assert done.returncode == 0, done.stderr
    texts = list(_texts(json.loads(done.stdout)))
    roles = [role for text in texts for role in re.findall(r"^([\w-]+): \{$", text, re.MULTILINE)]
    skills = [
        skill
        for text in texts
        if "<skills_instructions>" in text
        for skill in re.findall(r"^- ([\w:-]+): .*\(file: ", text, re.MULTILINE)
    ]
    return roles, skills


def _texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for item in value for text in _texts(item)]
        case dict():
            return [text for item in value.values() for text in _texts(item)]
    return []


def trust(home: Path, project: Path) -> None:
    """Do what a user does who answers that this folder is theirs."""
    (home / ".codex").mkdir()
    (home / ".codex/config.toml").write_text(f'[projects."{project}"]\ntrust_level = "trusted"\n')


def test_the_installed_agent_and_the_ten_skills(home: Path, install: Install) -> None:
    project = install("codex")
    trust(home, project)

    roles, skills = told(home, project)

    assert AGENT in roles
    assert set(SKILLS) <= set(skills)


def test_a_role_with_a_key_of_another_assistant_is_dropped(home: Path, install: Install) -> None:
    project = install("codex")
    trust(home, project)
    replace(project / ROLE, "name =", 'color = "yellow"\nname =')

    roles, skills = told(home, project)

    assert AGENT not in roles
    assert set(SKILLS) <= set(skills)


def test_the_repository_as_a_plugin(home: Path, project: Path, pack: Path) -> None:
    assert set(plugin_skills(home, project, pack)) >= SKILLS_AS_PLUGIN


def test_a_plugin_whose_skill_has_a_key_twice(home: Path, project: Path, pack: Path) -> None:
    replace(pack / "skills/fastapi/SKILL.md", "name: fastapi\n", "name: fastapi\nname: fastapi\n")

    assert SKILLS_AS_PLUGIN - set(plugin_skills(home, project, pack)) == {"fastapi-expert:fastapi"}


SKILLS_AS_PLUGIN = {f"fastapi-expert:{skill}" for skill in SKILLS}


def plugin_skills(home: Path, project: Path, pack: Path) -> list[str]:
    """The skills that Codex knows after it was given the repository."""
    for arguments in (["marketplace", "add", str(pack)], ["add", "fastapi-expert@fastapi-expert"]):
        done = run(["codex", "plugin", *arguments], home, cwd=project)
        assert done.returncode == 0, done.stderr
    return told(home, project)[1]
