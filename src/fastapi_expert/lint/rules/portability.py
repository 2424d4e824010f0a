"""PO: what the clients that a file is for do with it.

A file is for the clients that `--target` names; without that, for the one whose folder it lies in, such as `.gemini/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi_expert.lint import clients
from fastapi_expert.lint.clients import TARGETS, targets
from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import AGENT, SKILL
from fastapi_expert.pack.documents import Agent, Skill
from fastapi_expert.pack.frontmatter import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.frontmatter import Node
    from fastapi_expert.pack.reading import Pack

_GEMINI = ".gemini/agents/greeter.md"
_OPENCODE = ".opencode/agents/greeter.md"
_PLAIN = AGENT.replace("model: inherit\n", "")


def _fields(agent: Agent) -> Iterator[tuple[str, Scalar, Node]]:
    for key, value in agent.fields.entries if agent.fields else ():
        if isinstance(key, Scalar):
            yield str(key.value), key, value


def _agents(pack: Pack, target: str) -> Iterator[Agent]:
    return (agent for agent in pack.asked(Agent) if target in targets(agent))


@rule(
    "PO001",
    "error",
    wrong={_GEMINI: _PLAIN.replace("arrives.\n", "arrives.\ncolor: green\n")},
    right={_GEMINI: _PLAIN},
)
def gemini_drops(pack: Pack) -> Iterator[Fault]:
    """An agent for Gemini CLI has only the keys that it knows, and its own tools in a list.

    Gemini CLI drops an agent for one key or tool that it doesn't know, and its own `extensions validate` calls the file
    valid.
    """
    for agent in _agents(pack, "gemini"):
        for name, key, value in _fields(agent):
            if name not in clients.GEMINI_KEYS:
                message = f"Gemini CLI drops the agent for the key `{name}`"
                yield Fault(agent.source, key.start, message, f"it takes {', '.join(sorted(clients.GEMINI_KEYS))}")
            elif name == "tools" and not isinstance(value, Sequence):
                message = "Gemini CLI drops the agent: tools must be a list"
                yield Fault(agent.source, value.start, message, "write one tool a line, each after a hyphen")
            elif name == "tools" and isinstance(value, Sequence):
                for item in value.items:
                    tool = item.value if isinstance(item, Scalar) else None
                    if not isinstance(tool, str) or not (tool in clients.GEMINI_TOOLS or "*" in tool or "_" in tool):
                        message = f"Gemini CLI drops the agent for the tool {tool!r}"
                        help_ = "its tools are read_file, write_file, replace, run_shell_command, grep_search, glob, …"
                        yield Fault(agent.source, item.start, message, help_)


@rule(
    "PO002",
    "error",
    wrong={_OPENCODE: _PLAIN.replace("arrives.\n", "arrives.\ncolor: green\n")},
    right={_OPENCODE: _PLAIN.replace("arrives.\n", 'arrives.\ncolor: "#00ff00"\n')},
)
def opencode_refuses(pack: Pack) -> Iterator[Fault]:
    """An agent for OpenCode has a colour, tools and a model of the kind that it takes.

    A wrong one doesn't cost the agent but every command: OpenCode refuses to start in that project.
    """
    for agent in _agents(pack, "opencode"):
        for name, _, value in _fields(agent):
            plain = value.value if isinstance(value, Scalar) else None
            match name:
                case "color" if not (str(plain).startswith("#") or plain in clients.OPENCODE_COLOURS):
                    fault = f"refuses to start with the colour {plain!r}"
                    help_ = f"write #rrggbb in quotes, or {', '.join(sorted(clients.OPENCODE_COLOURS))}"
                case "tools" if not isinstance(value, Mapping):
                    fault, help_ = (
                        "refuses to start: tools must be keys and values",
                        "write `write: false` below `tools:`",
                    )
                case "model" if isinstance(plain, str) and "/" not in plain:
                    fault = f"takes the model {plain!r} for a provider without a model"
                    help_ = "write PROVIDER/MODEL, or leave it out"
                case _:
                    continue
            yield Fault(agent.source, value.start, f"OpenCode {fault}", help_)


@rule(
    "PO003",
    "warning",
    wrong={
        _OPENCODE: _PLAIN.replace("arrives.\n", "arrives.\nskills: greeting\n"),
        ".opencode/skills/greeting/SKILL.md": SKILL,
    },
    right={_OPENCODE: _PLAIN, ".opencode/skills/greeting/SKILL.md": SKILL},
)
def ignored_key(pack: Pack) -> Iterator[Fault]:
    """An agent has no key that a client which it is for ignores.

    OpenCode and Cursor keep such a key and do nothing with it: the agent runs without what the key should give it.
    """
    known = {"opencode": clients.OPENCODE_KEYS, "cursor": clients.CURSOR_KEYS}
    for target, keys in known.items():
        for agent in _agents(pack, target):
            for name, key, _ in _fields(agent):
                if name not in keys:
                    message = f"{TARGETS[target]} ignores the key `{name}`"
                    yield Fault(agent.source, key.start, message, "leave it out of the file for this client")


@rule(
    "PO004",
    "warning",
    wrong={".claude/agents/greeter.md": AGENT.replace("inherit\n---", 'inherit\ncolor: "#00ff00"\n---')},
    right={".claude/agents/greeter.md": AGENT.replace("inherit\n---", "inherit\ncolor: green\n---")},
)
def ignored_colour(pack: Pack) -> Iterator[Fault]:
    """An agent for Claude Code has one of its eight colours.

    Any other colour is ignored. OpenCode wants another kind, so no one colour serves both: render a file for each.
    """
    for agent in _agents(pack, "claude"):
        colour = agent.text_field("color")
        if colour is not None and colour.value not in clients.CLAUDE_COLOURS:
            message = f"Claude Code ignores the colour {str(colour.value)[:40]!r}"
            yield Fault(agent.source, colour.start, message, f"it has {', '.join(sorted(clients.CLAUDE_COLOURS))}")


@rule(
    "PO005",
    "warning",
    wrong={".github/agents/greeter.agent.md": _PLAIN + "Say hello once more, and mean it.\n" * 1000},
    right={".github/agents/greeter.agent.md": _PLAIN},
)
def long_for_copilot(pack: Pack) -> Iterator[Fault]:
    """The prompt of an agent for Copilot has at most 30,000 characters.

    GitHub's documentation sets that limit; what is longer is refused or cut.
    """
    for agent in _agents(pack, "copilot"):
        length = len(agent.body)
        if length > clients.COPILOT_BODY:
            message = f"the prompt has {length:,} characters, Copilot takes {clients.COPILOT_BODY:,}"
            yield Fault(agent.source, agent.body_start, message, "move what is needed rarely into a skill")


@rule(
    "PO006",
    "error",
    wrong={".codex/agents/greeter.md": _PLAIN},
    right={".codex/skills/greeting/SKILL.md": SKILL},
)
def not_read(pack: Pack) -> Iterator[Fault]:
    """An agent and a skill lie where the client that they are for looks, in the form that it reads.

    Codex reads agents from TOML; Claude Code doesn't look into `.agents/skills`, OpenCode not into `.claude/agents`,
    and none of them says so.
    """
    for agent in pack.asked(Agent):
        folder = agent.root.name
        for target in sorted(targets(agent)):
            if target == "codex":
                message, help_ = "Codex reads no agent in Markdown", "render it as .codex/agents/NAME.toml"
            elif target == "opencode" and folder == ".claude":
                message, help_ = "OpenCode doesn't look into .claude/agents", "put a copy into .opencode/agents"
            elif target == "gemini" and folder in {".claude", ".opencode", ".github"}:
                message, help_ = f"Gemini CLI doesn't look into {folder}/agents", "put a copy into .gemini/agents"
            else:
                continue
            yield Fault(agent.source, 0, message, help_)
    for skill in pack.asked(Skill):
        if skill.root.name == ".agents" and "claude" in targets(skill):
            message = "Claude Code doesn't look into .agents/skills"
            yield Fault(skill.source, 0, message, "put it, or a link to it, into .claude/skills")
