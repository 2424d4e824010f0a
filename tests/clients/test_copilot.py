"""GitHub Copilot CLI: what it discovers, and which files it reports as faulty, by its own JSON-RPC."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import IO, Any

from .conftest import AGENT, SKILLS, Install, replace
from .programs import command, environment, run

SERVER = ("--headless", "--no-auto-update", "--log-level", "error", "--stdio")


def discovered(home: Path, project: Path, *kinds: str) -> list[dict[str, Any]]:
    """What `agents.discover` or `skills.discover` answers for a project."""
    with subprocess.Popen(
        [*command("copilot"), *SERVER],
        cwd=project,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            return [_call(server.stdin, server.stdout, f"{kind}.discover", [str(project)]) for kind in kinds]
        finally:
            server.kill()


def _call(requests: IO[bytes], answers: IO[bytes], method: str, projects: list[str]) -> dict[str, Any]:
    """One call, each message with a `Content-Length` before it as the Language Server Protocol has it."""
    call = {"jsonrpc": "2.0", "id": method, "method": method, "params": {"projectPaths": projects}}
    body = json.dumps(call).encode()
    requests.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    requests.flush()
    while True:
        length = 0
        while header := answers.readline().strip():
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the server ended"
        answer = json.loads(answers.read(length))
        if answer.get("id") == method:
            result: dict[str, Any] = answer["result"]
            return result


def test_the_installed_agent_and_the_ten_skills(home: Path, install: Install) -> None:
    agents, skills = discovered(home, install("copilot"), "agents", "skills")

    [agent] = [each for each in agents["agents"] if each["name"] == AGENT]
    assert sorted(agent["skills"]) == SKILLS
    assert {skill["name"] for skill in skills["skills"]} >= set(SKILLS)
    assert not skills["errors"]


def test_what_copilot_leaves_out(home: Path, install: Install) -> None:
    project = install("copilot")
    replace(project / ".agents/skills/fastapi/SKILL.md", 'description: "Use', "description: Use: ")
    replace(project / f".github/agents/{AGENT}.agent.md", 'description: "', 'about: "')

    agents, skills = discovered(home, project, "agents", "skills")

    assert AGENT not in {agent["name"] for agent in agents["agents"]}
    assert set(SKILLS) - {skill["name"] for skill in skills["skills"]} == {"fastapi"}
    assert len(skills["errors"]) == 1


def test_the_repository_as_a_marketplace(home: Path, project: Path, pack: Path) -> None:
    for arguments in (["marketplace", "add", str(pack)], ["install", "fastapi-expert@fastapi-expert"]):
        done = run(["copilot", "plugin", *arguments], home, cwd=project)
        assert done.returncode == 0, done.stderr

    agents, skills = discovered(home, project, "agents", "skills")

    [agent] = [each for each in agents["agents"] if each["name"] == f"fastapi-expert:{AGENT}"]
    assert sorted(agent["skills"]) == SKILLS
    assert {skill["name"].removeprefix("fastapi-expert:") for skill in skills["skills"]} >= set(SKILLS)
    assert not skills["errors"]
