"""Assistants that run from a command line: how each is called, and what it says that it took."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any

import yaml

PROMPT = "{prompt}"
PYTHON = "{python}"


class AssistantError(ValueError):
    """A command that can't be understood."""


@dataclass(frozen=True)
class Usage:
    """What a run took, as far as the assistant tells.

    Attributes:
        input_tokens: all that was read, from a cache or not.
        output_tokens: all that was written, thoughts included.
        cost_usd: the price in US dollars.
        model: which model answered.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    model: str | None = None

    @property
    def tokens(self) -> int | None:
        """Read and written together."""
        if self.input_tokens is None or self.output_tokens is None:
            return None
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True)
class Assistant:
    """One assistant.

    Attributes:
        name: the program's name.
        command: its words; one of them may be `{prompt}`, else the prompt goes to standard input.
        install: what `fastapi-expert install --for` calls it.
        variables: what it gets from the environment.
        read: reads its usage from its standard output.
    """

    name: str
    command: tuple[str, ...]
    install: str
    variables: tuple[str, ...]
    read: Callable[[str], Usage]

    def words(self, prompt: str) -> list[str]:
        """The command with the prompt in it."""
        return [prompt if word == PROMPT else word for word in self.command]

    @property
    def takes_standard_input(self) -> bool:
        """Whether the prompt goes there."""
        return PROMPT not in self.command


@cache
def _table() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(
        files(__package__).joinpath("assistants.yaml").read_text(encoding="utf-8")
    )
    return found


def known_assistants() -> dict[str, Assistant]:
    """The assistants whose commands ship, by name."""
    return {name: find_assistant(name) for name in _table()}


def find_assistant(command: str) -> Assistant:
    """Make an assistant of a name that ships or of a command line.

    A command line whose program is a known one is read, and given its variables, like that one.

    Raises:
        AssistantError: the command is empty or not quoted well.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise AssistantError(f"--assistant {command!r}: {error}") from error
    if not words:
        raise AssistantError("--assistant is empty: name one of " + ", ".join(_table()) + ", or a command line")
    name = PurePath(words[0]).stem
    row = _table().get(name, {"install": "claude", "reads": "nothing", "variables": []})
    if len(words) == 1 and "command" in row:
        words = [sys.executable if word == PYTHON else word for word in shlex.split(row["command"])]
    return Assistant(name, tuple(words), row["install"], tuple(row["variables"]), READERS[row["reads"]])


def _objects(output: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of an output: all of it, a list, or those that are lines of it."""
    try:
        whole = json.loads(output)
    except ValueError:
        for line in output.splitlines():
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict):
                yield found
    else:
        yield from (item for item in (whole if isinstance(whole, list) else [whole]) if isinstance(item, dict))


def _read_nothing(_output: str) -> Usage:
    return Usage()


def _read_claude(output: str) -> Usage:
    """`claude -p --output-format json`: one object of the type `result`."""
    for found in _objects(output):
        if found.get("type") == "result":
            usage = found.get("usage") or {}
            names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
            return Usage(
                sum(usage.get(name) or 0 for name in names) if usage else None,
                usage.get("output_tokens"),
                found.get("total_cost_usd"),
                next(iter(found.get("modelUsage") or {}), None),
            )
    return Usage()


def _read_codex(output: str) -> Usage:
    """`codex exec --json`: a line for each event; `turn.completed` has the usage, cached tokens within the input."""
    turns = [found["usage"] for found in _objects(output) if found.get("type") == "turn.completed" and "usage" in found]
    if not turns:
        return Usage()
    read, written = (sum(turn.get(name) or 0 for turn in turns) for name in ("input_tokens", "output_tokens"))
    return Usage(read, written)


def _read_gemini(output: str) -> Usage:
    """`gemini --output-format json`: one object; `stats.models` has the tokens of each model."""
    for found in _objects(output):
        models = (found.get("stats") or {}).get("models") or {}
        if models:
            tokens = [model.get("tokens") or {} for model in models.values()]
            written = sum((each.get("candidates") or 0) + (each.get("thoughts") or 0) for each in tokens)
            return Usage(sum(each.get("prompt") or 0 for each in tokens), written, None, next(iter(models)))
    return Usage()


def _read_opencode(output: str) -> Usage:
    """`opencode run --format json`: a line for each event; the part of `step_finish` has tokens and cost."""
    parts = [found.get("part") or {} for found in _objects(output) if found.get("type") == "step_finish"]
    if not parts:
        return Usage()
    tokens = [part.get("tokens") or {} for part in parts]
    caches = [each.get("cache") or {} for each in tokens]
    read = sum(each.get("input") or 0 for each in tokens)
    read += sum((cache.get("read") or 0) + (cache.get("write") or 0) for cache in caches)
    written = sum((each.get("output") or 0) + (each.get("reasoning") or 0) for each in tokens)
    return Usage(read, written, sum(part.get("cost") or 0 for part in parts))


def _read_copilot(output: str) -> Usage:
    """`copilot -p --output-format json`: a line for each event; those of the type `assistant.usage` have the tokens."""
    parts = [found.get("data") or {} for found in _objects(output) if found.get("type") == "assistant.usage"]
    if not parts:
        return Usage()
    read, written = (sum(part.get(name) or 0 for part in parts) for name in ("inputTokens", "outputTokens"))
    return Usage(read, written, None, parts[-1].get("model"))


READERS: dict[str, Callable[[str], Usage]] = {
    "nothing": _read_nothing,
    "claude": _read_claude,
    "codex": _read_codex,
    "gemini": _read_gemini,
    "opencode": _read_opencode,
    "copilot": _read_copilot,
}
