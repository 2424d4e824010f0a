"""What each client does with a file that strict readers refuse, as measured on 2026-11-23 by loading it.

A client that is not named loads the file as if nothing were wrong with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi_expert.pack.documents import Agent

if TYPE_CHECKING:
    from fastapi_expert.pack.documents import Item

CLIENTS = {
    "Claude Code": "2.1.330",
    "Codex": "0.169",
    "Copilot CLI": "1.0.102",
    "Gemini CLI": "0.61",
    "OpenCode": "1.18",
    "pi": "0.73",
}

_DROPS = "drops it"

SKILL_EFFECTS: dict[str, dict[str, str]] = {
    "no name": {"Claude Code": "takes the folder's name", "Gemini CLI": _DROPS, "OpenCode": _DROPS},
    "no description": {
        "Claude Code": "shows the first line of the body instead",
        "Codex": _DROPS,
        "Gemini CLI": _DROPS,
        "pi": _DROPS,
    },
    "no frontmatter": {
        "Claude Code": "loads it without name and description",
        "Codex": _DROPS,
        "Copilot CLI": _DROPS,
        "Gemini CLI": _DROPS,
        "OpenCode": _DROPS,
    },
    "not YAML": {"Claude Code": "guesses", "Copilot CLI": _DROPS, "OpenCode": _DROPS},
    "tab": {"Claude Code": "repairs it", "Codex": _DROPS, "Copilot CLI": _DROPS, "pi": _DROPS},
    "colon": {"Claude Code": "quotes the value, if it can", "Copilot CLI": _DROPS, "pi": _DROPS},
    "duplicate key": {
        "Claude Code": "takes the last",
        "Codex": _DROPS,
        "Copilot CLI": _DROPS,
        "OpenCode": _DROPS,
    },
    "reference": {"Claude Code": "empties what is aliased too often", "Copilot CLI": _DROPS},
    "long name": {"Codex": _DROPS, "Copilot CLI": _DROPS, "pi": "complains"},
    "long description": {"Claude Code": "cuts it at 1,536 characters", "Copilot CLI": _DROPS},
    "name and folder differ": {"Claude Code": "goes by the name, not by the folder", "pi": "complains"},
    "byte order mark": {"Codex": _DROPS, "Gemini CLI": _DROPS, "pi": _DROPS},
    "not UTF-8": {"Claude Code": "replaces the characters", "Codex": _DROPS},
    "too large": {"Claude Code": _DROPS, "Copilot CLI": _DROPS},
    "dashes": {"Claude Code": "ends the frontmatter there and loses the rest"},
    "file name": dict.fromkeys(("Claude Code", "Codex", "Copilot CLI", "Gemini CLI", "OpenCode"), _DROPS),
}

AGENT_EFFECTS: dict[str, dict[str, str]] = {
    "no name": {"Claude Code": "drops it without a word"},
    "no description": {"Claude Code": _DROPS, "Copilot CLI": _DROPS},
    "no frontmatter": {"Claude Code": "drops it without a word", "Copilot CLI": _DROPS},
    "not YAML": {"Claude Code": _DROPS, "Copilot CLI": _DROPS},
    "colon": {"Claude Code": "quotes the value, if it can", "Copilot CLI": _DROPS},
    "skills": {"Copilot CLI": _DROPS},
    "tools": {"Copilot CLI": _DROPS, "Gemini CLI": _DROPS, "OpenCode": "refuses to start"},
    "unknown key": {"Claude Code": "ignores the key", "Gemini CLI": _DROPS},
    "too large": {"Claude Code": _DROPS},
    "dashes": {"Claude Code": "ends the frontmatter there and loses the rest"},
    "unknown skill": {"Claude Code": "starts the agent without it and says so only in its debug log"},
}


def effects(item: Item, fault: str) -> str:
    """A clause that says which clients do what with an agent or a skill that has the fault.

    It starts with a colon, such as `: Codex and pi drop it`, and is empty where nothing was measured.
    """
    table = AGENT_EFFECTS if isinstance(item, Agent) else SKILL_EFFECTS
    clients_by_effect: dict[str, list[str]] = {}
    for client, effect in table.get(fault, {}).items():
        clients_by_effect.setdefault(effect, []).append(client)
    clauses = []
    for effect, clients in sorted(clients_by_effect.items(), key=lambda pair: pair[0] != _DROPS):
        several = len(clients) > 1
        names = f"{', '.join(clients[:-1])} and {clients[-1]}" if several else clients[0]
        verb, _, rest = effect.partition(" ")
        clauses.append(f"{names} {verb.removesuffix('s') if several else verb} {rest}".rstrip())
    return f": {'; '.join(clauses)}" if clauses else ""
