"""Claude Code: the repository as a plugin, the installed files, and a subagent that starts with its skills."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi_expert.pack.documents import Skill
from fastapi_expert.pack.reading import read_pack

from .conftest import AGENT, SKILLS, Install, replace
from .messages_api import messages_api
from .programs import run

PLUGIN = "fastapi-expert"
AGENT_OF_PLUGIN = f"{PLUGIN}:{AGENT}"
SKILLS_OF_PLUGIN = {f"{PLUGIN}:{skill}" for skill in SKILLS}
INITIALIZE = json.dumps({"type": "control_request", "request_id": "1", "request": {"subtype": "initialize"}}) + "\n"


def known(home: Path, project: Path, *options: str) -> tuple[set[str], set[str]]:
    """The agents and the skills of a session, as the SDK's `initialize` request lists them."""
    stream = ["--input-format", "stream-json", "--output-format", "stream-json", "--verbose"]
    done = run(["claude", "-p", *stream, *options], home, cwd=project, given=INITIALIZE)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    [answer] = [each["response"]["response"] for each in answers if each["type"] == "control_response"]
    return {agent["name"] for agent in answer["agents"]}, {command["name"] for command in answer["commands"]}


def test_the_plugin_is_valid_without_a_warning(home: Path, pack: Path) -> None:
    done = run(["claude", "plugin", "validate", "--json", "--strict", str(pack)], home, cwd=pack)

    report = json.loads(done.stdout)
    assert (done.returncode, report["success"]) == (0, True)
    assert report["provides"]["agents"] == [AGENT_OF_PLUGIN]
    assert set(report["provides"]["skills"]) == SKILLS_OF_PLUGIN
    assert report["provides"]["bin"] == ["fastapi-expert"]


def test_a_plugin_that_names_its_agents_by_folder_is_refused(home: Path, pack: Path) -> None:
    replace(pack / ".claude-plugin/plugin.json", '"license"', '"agents": "./agents", "license"')

    done = run(["claude", "plugin", "validate", "--json", "--strict", str(pack)], home, cwd=pack)

    assert done.returncode == 1


def test_the_repository_as_a_marketplace(home: Path, project: Path, pack: Path) -> None:
    for arguments in (["marketplace", "add", str(pack)], ["install", f"{PLUGIN}@{PLUGIN}"]):
        done = run(["claude", "plugin", *arguments], home, cwd=project)
        assert done.returncode == 0, done.stderr

    details = run(["claude", "plugin", "details", PLUGIN], home, cwd=project).stdout
    agents, skills = known(home, project)

    assert "Skills (10)" in details
    assert "Agents (1)" in details
    assert AGENT_OF_PLUGIN in agents
    assert skills >= SKILLS_OF_PLUGIN


def test_the_clone_for_one_session(home: Path, project: Path, pack: Path) -> None:
    agents, skills = known(home, project, "--plugin-dir", str(pack))

    assert AGENT_OF_PLUGIN in agents
    assert skills >= SKILLS_OF_PLUGIN


def test_the_installed_files(home: Path, install: Install) -> None:
    agents, skills = known(home, install("claude"))

    assert AGENT in agents
    assert skills >= set(SKILLS)


def test_what_claude_code_leaves_out(home: Path, install: Install) -> None:
    project = install("claude")
    replace(project / f".claude/agents/{AGENT}.md", f"name: {AGENT}", "name: fastapi:expert")
    skill = project / ".claude/skills/fastapi"
    (skill / "SKILL.md").rename(skill / "Skill.md")

    agents, skills = known(home, project)

    assert not {AGENT, "fastapi:expert"} & agents
    assert set(SKILLS) - skills == {"fastapi"}


def started_subagent(home: Path, project: Path, pack: Path) -> dict[str, Any]:
    """The request with which the plugin's agent starts when a session delegates to it."""
    with messages_api(AGENT_OF_PLUGIN) as api:
        env = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "none"}
        done = run(["claude", "-p", "Begin.", "--plugin-dir", str(pack)], home, cwd=project, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        return api.first_of_the_subagent()


def preloaded(request: dict[str, Any], pack: Path) -> dict[str, int]:
    """The skills whose whole body stands in the request, each with its length in characters."""
    texts = "\n".join(
        block if isinstance(block, str) else block.get("text", "")
        for message in request["messages"]
        for block in ([message["content"]] if isinstance(message["content"], str) else message["content"])
    )
    skills = read_pack([pack / "skills"]).all(Skill)
    return {skill.folder.name: len(skill.body) for skill in skills if skill.body in texts}


def test_a_subagent_starts_with_the_ten_skills(
    home: Path, project: Path, pack: Path, record_property: Callable[[str, object], None]
) -> None:
    found = preloaded(started_subagent(home, project, pack), pack)

    assert sorted(found) == SKILLS
    assert sum(found.values()) <= 40_000  # 10,000 tokens at four characters
    record_property("characters preloaded", sum(found.values()))


def test_a_skill_that_the_agent_does_not_link_is_not_preloaded(home: Path, project: Path, pack: Path) -> None:
    replace(pack / f"agents/{AGENT}.md", "  - neon-postgres\n", "  - neon\n")

    assert set(SKILLS) - set(preloaded(started_subagent(home, project, pack), pack)) == {"neon-postgres"}
