"""FD: values that a client takes, and then does nothing with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi_expert.lint.clients import (
    CLAUDE_MODELS,
    CLAUDE_TOOLS,
    OTHER_TOOLS,
    PLUGIN_AGENT_IGNORES,
    VSCODE_TOOLS,
    targets,
)
from fastapi_expert.lint.finding import Edit, Fault, Fix
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import AGENT, AGENT_PATH, HOUSE_AGENT, SKILL, SKILL_PATH, agent, skill
from fastapi_expert.pack.documents import Agent, Plugin, Skill
from fastapi_expert.pack.frontmatter import Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapi_expert.pack.documents import Document
    from fastapi_expert.pack.reading import Pack

_FULL_MODEL = re.compile(r".*(claude|anthropic)|.*[/:]|(opus|sonnet|haiku|fable|opusplan)\b", re.IGNORECASE)
_TOOL = re.compile(r"(?P<name>[^\s(),]+)(\([^()]*\))?")
LIKELY, SURE = 0.7, 0.85  # how alike a name and the one that was meant are, as difflib counts
_PLUGIN = {".claude-plugin/plugin.json": '{"name": "greeting"}\n'}


def _close(name: str, known: Iterable[str], cutoff: float = LIKELY) -> list[str]:
    """The known name that was probably meant, if there is one."""
    from difflib import get_close_matches  # only a finding needs it

    return get_close_matches(name, known, n=1, cutoff=cutoff)


def _claude_agents(pack: Pack) -> Iterator[Agent]:
    """The agents that Claude Code may load."""
    for agent_ in pack.asked(Agent):
        places = targets(agent_)
        if not agent_.for_copilot and (not places or "claude" in places):
            yield agent_


@rule(
    "FD001",
    "warning",
    wrong=agent(AGENT.replace("inherit", "sonet")),
    right=agent(AGENT.replace("inherit", "sonnet")),
)
def unknown_model(pack: Pack) -> Iterator[Fault]:
    """An agent's model is one that Claude Code knows: inherit, fable, opus, sonnet, haiku, or a full id.

    Any text is accepted when the agent is loaded; the first call fails. Copilot, Gemini CLI and OpenCode have models of
    their own, so agents that only they read are not judged.
    """
    for agent_ in _claude_agents(pack):
        model = agent_.text_field("model")
        if model is None or str(model.value) in CLAUDE_MODELS or _FULL_MODEL.match(str(model.value)):
            continue
        name = str(model.value).strip()
        close = _close(name.lower(), CLAUDE_MODELS)
        help_ = f"did you mean `{close[0]}`?" if close else f"it takes {', '.join(CLAUDE_MODELS)} or a full model id"
        fix = Fix((Edit(model.start, model.end, close[0]),), safe=False) if close else None
        yield Fault(agent_.source, model.start, f"Claude Code knows no model {name[:40]!r}", help_, fix)


@rule(
    "FD002",
    "warning",
    wrong=agent(AGENT.replace("inherit\n---", "inherit\ntools: Read, Wrte\n---")),
    right=agent(AGENT.replace("inherit\n---", "inherit\ntools: Read, Write\n---")),
)
def unknown_tool(pack: Pack) -> Iterator[Fault]:
    """Every tool that an agent or a skill is given exists.

    No client says so when it doesn't: the agent goes without. Known are the tools of Claude Code, Copilot, Gemini CLI
    and OpenCode; those of an MCP server are taken as they are. In an agent of Copilot's, any name may be that of a
    server or an extension, so only one that looks misspelt is told.
    """
    known = CLAUDE_TOOLS | OTHER_TOOLS | VSCODE_TOOLS
    lower = {name.lower() for name in known}
    for document in (*pack.asked(Agent), *pack.asked(Skill)):
        for field in ("tools", "disallowedTools", "allowed-tools", "disallowed-tools"):
            for name, offset in _tools(document, field, spaces=isinstance(document, Skill)):
                if name.lower() in lower or re.search(r"[*/.:_-]|mcp", name, re.IGNORECASE) or not name.isalpha():
                    continue
                may_be_other = isinstance(document, Agent) and document.for_copilot
                close = _close(name, known, SURE if may_be_other else LIKELY)
                if may_be_other and not close:
                    continue
                help_ = f"did you mean {close[0]}?" if close else "name one that the client has, or leave it out"
                yield Fault(document.source, offset, f"no client has a tool {name[:40]!r}", help_)


def _tools(document: Document, field: str, *, spaces: bool = False) -> Iterator[tuple[str, int]]:
    """The tools that a field names, each with its place; a skill's may be separated by spaces."""
    value = document.fields.get(field) if document.fields else None
    if value is None:
        return
    items = value.items if isinstance(value, Sequence) else [value]
    for item in items:
        if not isinstance(item, Scalar) or not isinstance(item.value, str):
            continue
        raw = document.source.text[item.start : item.end]
        # An argument in parentheses, such as Bash(git add:*), may hold spaces and commas.
        flat = re.sub(r"\([^()]*\)", lambda match: "(" + "x" * (len(match[0]) - 2) + ")", raw)
        for match in re.finditer(r"[^\s,\"'\[\]]+" if spaces else r"[^,\"'\[\]]+", flat):
            name = match[0].strip()
            found = _TOOL.fullmatch(name)
            if found:
                yield found["name"], item.start + match.start() + len(match[0]) - len(match[0].lstrip())


@rule(
    "FD003",
    "warning",
    wrong=agent(AGENT.replace("inherit\n---", "inherit\npermissionMode: plan\n---")) | _PLUGIN,
    right=agent(AGENT) | _PLUGIN,
)
def ignored_in_plugin(pack: Pack) -> Iterator[Fault]:
    """A plugin's agent has no field that Claude Code ignores in plugins.

    permissionMode, hooks, mcpServers, initialPrompt and the observer's fields do nothing there, so that a plugin can't
    widen its own rights: whoever relies on one is told nothing.
    """
    for part in pack.parts:
        if not part.all(Plugin):
            continue
        for agent_ in part.asked(Agent):
            for name, key in agent_.fields.names() if agent_.fields else ():
                if name in PLUGIN_AGENT_IGNORES:
                    message = f"Claude Code ignores `{name}` in an agent of a plugin"
                    yield Fault(agent_.source, key.start, message, "leave it out; a user can set it in a copy")


_BODY = "Before anything else, use the skill `greeting`.\n"


@rule(
    "FD004",
    "warning",
    wrong={AGENT_PATH: AGENT.replace("inherit\n---", "inherit\ntools: Read\n---") + _BODY, SKILL_PATH: SKILL},
    right={AGENT_PATH: HOUSE_AGENT.replace("inherit\n", "inherit\ntools: Read\n") + _BODY, SKILL_PATH: SKILL},
)
def skill_out_of_reach(pack: Pack) -> Iterator[Fault]:
    """An agent with a list of tools can reach the skills that it speaks of.

    A skill is preloaded by `skills:` or called with the tool Skill; without either the agent reads of a skill that it
    can't open.
    """
    for part in pack.parts:
        names = {skill_.folder.name for skill_ in part.all(Skill)}
        for agent_ in part.asked(Agent):
            tools = {name for name, _ in _tools(agent_, "tools")}
            if not tools or tools & {"Skill", "*", "skill"} or agent_.for_copilot:
                continue
            preloaded = {str(name.value).rpartition(":")[2] for name in agent_.skill_names}
            for link in agent_.markdown.links:
                if link.kind == "code" and link.target in names - preloaded:
                    before = agent_.source.text[max(link.start - 60, 0) : link.start].lower()
                    after = agent_.source.text[link.end : link.end + 20].lower()
                    if "skill" in before.rpartition("\n")[2] or "skill" in after.partition("\n")[0]:
                        message = f"`skills:` doesn't preload {link.target!r} and `tools:` has no Skill to call it with"
                        yield Fault(agent_.source, link.start, message, "add it to `skills:`, or Skill to `tools:`")
                        break


@rule(
    "FD005",
    "error",
    wrong={
        ".claude/agents/greeter.md": AGENT,
        ".claude/agents/more/greeter.md": AGENT.replace("Greets people", "Seats the guests of the house"),
    },
    right={
        ".claude/agents/greeter.md": AGENT,
        ".claude/agents/more/usher.md": AGENT.replace("greeter", "usher").replace("Greets people", "Seats the guests"),
    },
)
def repeated_name(pack: Pack) -> Iterator[Fault]:
    """No two agents and no two skills of one folder have the same name.

    A client keeps one of them, and which one depends on the order in which it reads the folder.
    """
    for kind, word in ((Agent, "agent"), (Skill, "skill")):
        first: dict[tuple[object, str], Document] = {}
        for document in pack.all(kind):
            name = document.text_field("name")
            if name is None or (isinstance(document, Agent) and document.for_copilot):
                continue
            place = document.source.path.parent.parent if isinstance(document, Skill) else document.root
            other = first.setdefault((place, str(name.value)), document)
            if other is not document:
                where = other.source.path.relative_to(other.root).as_posix()
                message = f"another {word} is named {str(name.value)[:64]!r}, in {where}"
                yield Fault(document.source, name.start, message, "rename one of them")


@rule(
    "FD006",
    "error",
    wrong=skill(SKILL) | {".claude-plugin/plugin.json": '{"name": "Greeting People"}\n'},
    right=skill(SKILL) | _PLUGIN,
)
def plugin_name(pack: Pack) -> Iterator[Fault]:
    """A plugin's plugin.json is a JSON object with a name in lower case with hyphens.

    The name stands before the colon in the names of all that the plugin brings; without it Claude Code refuses to
    install the plugin.
    """
    for plugin in pack.asked(Plugin):
        name = plugin.manifest.get("name") if plugin.manifest is not None else None
        if plugin.manifest is None:
            yield Fault(plugin.source, 0, "this is no JSON object", 'write {"name": "…"}')
        elif not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            at = max(plugin.source.text.find('"name"'), 0)
            yield Fault(
                plugin.source, at, "the plugin has no name in lower case with hyphens", 'write "name": "my-plugin"'
            )
