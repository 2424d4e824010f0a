"""An agent in the forms of the assistants: each keeps what the pack says, under the keys that the assistant knows."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml

from fastapi_expert.install.forms import as_it_is, markdown, toml
from fastapi_expert.pack.documents import Agent
from fastapi_expert.pack.location import content_root
from fastapi_expert.pack.reading import read_pack

TRICKY = """---
name: tricky
description: "Says \\"hi\\": a\\\\b, é"
color: yellow
skills:
  - greeting
---

It's '''quoted''' and "doubly" so, with a \\ in it.
"""


@pytest.fixture(params=["the pack's", "a tricky one"])
def agent(request: pytest.FixtureRequest, tmp_path: Path) -> Agent:
    """An agent."""
    folder = content_root() / "agents"
    if request.param != "the pack's":
        folder = tmp_path / "agents"
        folder.mkdir()
        (folder / "tricky.md").write_text(TRICKY, encoding="utf-8")
    [found] = read_pack([folder]).asked(Agent)
    return found


def described(agent: Agent) -> object:
    """The description as it is meant."""
    field = agent.text_field("description")
    assert field is not None
    return field.value


def test_the_form_of_claude_code_is_the_file(agent: Agent) -> None:
    assert as_it_is(agent, "skills") == agent.source.path.read_bytes()


def test_markdown_keeps_the_named_keys_and_adds_others(agent: Agent) -> None:
    form = markdown("name", "description", "skills", mode="all")

    _, head, body = form(agent, ".agents/skills").decode().split("---\n", 2)

    assert yaml.safe_load(head) == {
        "name": agent.stem,
        "description": described(agent),
        "skills": [name.value for name in agent.skill_names],
        "mode": "all",
    }
    assert agent.body in body
    assert ".agents/skills/NAME/SKILL.md" in body
    assert all(str(name.value) in body.split(agent.body)[1] for name in agent.skill_names)


def test_toml_has_the_three_keys_of_a_codex_role(agent: Agent) -> None:
    role = tomllib.loads(toml(agent, ".agents/skills").decode())

    assert set(role) == {"name", "description", "developer_instructions"}
    assert (role["name"], role["description"]) == (agent.stem, described(agent))
    assert role["developer_instructions"].startswith(agent.body)
