"""An agent in the form that an assistant accepts, rendered from the pack's own file, which is the Claude Code form."""

from __future__ import annotations

import json
from collections.abc import Callable

from fastapi_expert.pack.documents import Agent
from fastapi_expert.pack.frontmatter import plain

# Takes an agent and the folder of its skills, relative to where the assistant runs or to the user's home.
Form = Callable[[Agent, str], bytes]


def as_it_is(agent: Agent, _skills: str) -> bytes:
    """The pack's own file."""
    return agent.source.path.read_bytes()


def markdown(*kept: str, **added: str) -> Form:
    """Markdown with some of the frontmatter's keys.

    Args:
        kept: the keys that the assistant knows.
        added: keys of its own, with their values.
    """

    def form(agent: Agent, skills: str) -> bytes:
        fields = {key: _value(agent, key) for key in kept} | added
        # JSON is YAML that every reader takes the same way.
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()]
        return "\n".join(["---", *lines, "---", "", _body(agent, skills), ""]).encode()

    return form


def toml(agent: Agent, skills: str) -> bytes:
    """A role of Codex: TOML with the three keys that it wants; it drops a role with any that it doesn't know."""
    body = _body(agent, skills)
    instructions = json.dumps(body, ensure_ascii=False) if "'''" in body else f"'''\n{body}\n'''"
    # A JSON text is a TOML basic string: both escape `"`, `\` and control characters alike.
    lines = [f"{key} = {json.dumps(_value(agent, key), ensure_ascii=False)}" for key in ("name", "description")]
    return "\n".join([*lines, f"developer_instructions = {instructions}", ""]).encode()


def _body(agent: Agent, skills: str) -> str:
    """The agent's text, and in place of the preload, which only Claude Code has, where its skills are."""
    names = ", ".join(str(name.value) for name in agent.skill_names)
    return f"{agent.body}\n\n## Skills\n\nRead those that the task touches first, `{skills}/NAME/SKILL.md`: {names}."


def _value(agent: Agent, key: str) -> object:
    value = agent.fields.get(key) if agent.fields else None
    return None if value is None else plain(value)
