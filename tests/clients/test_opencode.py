"""OpenCode: what `debug agent` and `debug skill` say of the installed files."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import AGENT, ROOT, SKILLS, Install
from .programs import run


def test_the_installed_agent_and_the_ten_skills(home: Path, install: Install) -> None:
    project = install("opencode")

    agent = json.loads(run(["opencode", "debug", "agent", AGENT], home, cwd=project).stdout)
    skills = json.loads(run(["opencode", "debug", "skill"], home, cwd=project).stdout)

    assert (agent["name"], agent["mode"]) == (AGENT, "all")
    assert {skill["name"] for skill in skills} >= set(SKILLS)


def test_the_form_of_claude_code_keeps_opencode_from_starting(home: Path, install: Install) -> None:
    project = install("opencode")
    (project / f".opencode/agents/{AGENT}.md").write_bytes((ROOT / f"agents/{AGENT}.md").read_bytes())

    assert run(["opencode", "debug", "skill"], home, cwd=project).returncode != 0
