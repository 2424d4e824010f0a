"""What each client does with a file that strict readers refuse, as measured on 2026-11-23 by loading it.

A client that is not named loads the file as if nothing were wrong with it.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from fastapi_expert.pack.documents import Agent

if TYPE_CHECKING:
    from fastapi_expert.pack.documents import Item

# The clients that a pack can be meant for, as the command line names them.
TARGETS = {
    "claude": "Claude Code",
    "codex": "Codex",
    "copilot": "Copilot CLI",
    "gemini": "Gemini CLI",
    "opencode": "OpenCode",
    "cursor": "Cursor",
    "qwen": "Qwen Code",
}
CHOSEN_TARGETS: ContextVar[frozenset[str]] = ContextVar("CHOSEN_TARGETS", default=frozenset())
# A hidden folder that only one client reads says whom its files are for.
_FOLDERS = {
    ".claude": "claude",
    ".codex": "codex",
    ".copilot": "copilot",
    ".cursor": "cursor",
    ".gemini": "gemini",
    ".github": "copilot",
    ".opencode": "opencode",
    ".qwen": "qwen",
}
CLAUDE_MODELS = ("inherit", "fable", "opus", "sonnet", "haiku")
CLAUDE_TOOLS = frozenset(
    """
    Agent Artifact AskUserQuestion Bash BashOutput CronCreate CronDelete CronList Edit EndConversation
    EnterPlanMode EnterWorktree ExitPlanMode ExitWorktree Glob Grep KillBash KillShell LS LSP ListAgents
    ListMcpResourcesTool Monitor MultiEdit MultiTool NotebookEdit NotebookRead PowerShell PushNotification Read
    ReadMcpResourceTool RemoteTrigger ReportFindings ScheduleWakeup SendFeedback SendMessage SendUserFile
    ShareOnboardingGuide Skill SlashCommand StatusBarMessageTool SubagentHandback Task TaskCreate TaskGet
    TaskList TaskOutput TaskStop TaskUpdate TeamCreate TeamDelete TodoRead TodoWrite ToolSearch WaitForMcpServers
    WebFetch WebSearch Workflow Write
    """.split()  # noqa: SIM905 - one a line would be a page
)
# What Copilot, Gemini CLI and OpenCode call theirs; Copilot takes Claude Code's names too.
OTHER_TOOLS = frozenset(
    """
    agent codebase edit execute read search shell todo web vscode activate_skill ask_user bash cli_help
    custom-agent enter_plan_mode exit_plan_mode fetch get_internal_docs glob google_web_search grep grep_search
    list list_directory lsp notebook patch powershell question read_file read_many_files replace
    run_shell_command save_memory skill task todoread todowrite web_fetch webfetch websearch write write_file
    write_todos
    """.split()  # noqa: SIM905 - one a line would be a page
)
# What Copilot calls its tools in VS Code, their sets and their older names, which it takes as well: as
# vscode-copilot-chat (March 2026) and VS Code itself declare them.
VSCODE_TOOLS = frozenset(
    """
    applyPatch askQuestions changes codebase createAndRunTask createDirectory createFile createJupyterNotebook editFiles
    editNotebook executionSubagent extensions fetch fileSearch findFiles findTestFiles getNotebookSummary
    getProjectSetupInfo getTaskOutput getTerminalOutput githubRepo insertEdit installExtension listDirectory memory
    multiReplaceString new newJupyterNotebook newWorkspace openSimpleBrowser problems readCellOutput readFile
    readNotebookCellOutput rename replaceString resolveMemoryFileUri runCell runCommand runCommands runInTerminal
    runNotebookCell runNotebooks runSubagent runTask runTasks runTests runVscodeCommand searchResults searchSubagent
    selection switchAgent symbols terminalLastCommand terminalSelection testFailure textSearch todos usages viewImage
    vscodeAPI
    """.split()  # noqa: SIM905 - one a line would be a page
)
GEMINI_TOOLS = frozenset(
    """
    activate_skill ask_user cli_help enter_plan_mode exit_plan_mode get_internal_docs glob google_web_search
    grep_search list_directory read_file read_many_files replace run_shell_command save_memory web_fetch
    write_file write_todos
    """.split()  # noqa: SIM905 - one a line would be a page
)
GEMINI_KEYS = frozenset(
    """
    kind name description display_name tools mcp_servers model temperature max_turns timeout_mins
    """.split()  # noqa: SIM905 - one a line would be a page
)
OPENCODE_COLOURS = frozenset(
    """
    primary secondary accent success warning error info
    """.split()  # noqa: SIM905 - one a line would be a page
)
OPENCODE_KEYS = frozenset(
    """
    name model variant description mode hidden color steps options permission disable temperature top_p tools
    """.split()  # noqa: SIM905 - one a line would be a page
)
CURSOR_KEYS = frozenset(
    """
    name description model readonly is_background
    """.split()  # noqa: SIM905 - one a line would be a page
)
CLAUDE_COLOURS = frozenset(
    """
    red blue green yellow purple orange pink cyan
    """.split()  # noqa: SIM905 - one a line would be a page
)
# What Claude Code ignores in an agent of a plugin; each costs a line in its debug log and nothing else.
PLUGIN_AGENT_IGNORES = frozenset(
    """
    permissionMode hooks mcpServers initialPrompt observer observerMessage observeSubagents
    """.split()  # noqa: SIM905 - one a line would be a page
)
LISTED_CHARACTERS = 1_536  # of a skill's description and when_to_use, Claude Code's skillListingMaxDescChars
LISTING_CHARACTERS = (
    8_000  # all skills: a hundredth of 200,000 tokens of four characters, its skillListingBudgetFraction
)
COPILOT_BODY = 30_000  # characters of an agent's prompt

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


def targets(item: Item) -> frozenset[str]:
    """The clients that a file is for: those that the user chose, else the one whose folder it lies in."""
    chosen = CHOSEN_TARGETS.get()
    if chosen:
        return chosen
    return frozenset(_FOLDERS[folder] for folder in item.source.path.parts[:-1] if folder in _FOLDERS)


def effects(item: Item, fault: str) -> str:
    """A clause that says which clients do what with an agent or a skill that has the fault.

    It starts with a colon, such as `: Codex and pi drop it`, and is empty where nothing was measured. Where the user
    chose targets, only they are named.
    """
    table = AGENT_EFFECTS if isinstance(item, Agent) else SKILL_EFFECTS
    named = {TARGETS[target] for target in CHOSEN_TARGETS.get()}
    clients_by_effect: dict[str, list[str]] = {}
    for client, effect in table.get(fault, {}).items():
        if named and client not in named:
            continue
        clients_by_effect.setdefault(effect, []).append(client)
    clauses = []
    for effect, clients in sorted(clients_by_effect.items(), key=lambda pair: pair[0] != _DROPS):
        several = len(clients) > 1
        names = f"{', '.join(clients[:-1])} and {clients[-1]}" if several else clients[0]
        verb, _, rest = effect.partition(" ")
        clauses.append(f"{names} {verb.removesuffix('s') if several else verb} {rest}".rstrip())
    return f": {'; '.join(clauses)}" if clauses else ""
