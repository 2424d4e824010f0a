"""What each assistant prints, and what is read of it."""

from __future__ import annotations

import json

import pytest

from fastapi_expert.evals.assistants import READERS, Usage, find_assistant, known_assistants
from fastapi_expert.install.assistants import ASSISTANTS


def lines(*events: object) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


CLAUDE = {
    "type": "result",
    "total_cost_usd": 0.25,
    "usage": {
        "input_tokens": 5,
        "cache_creation_input_tokens": 100,
        "cache_read_input_tokens": 1000,
        "output_tokens": 20,
    },
    "modelUsage": {"model-a": {}},
}


@pytest.mark.parametrize(
    ("reader", "output", "usage"),
    [
        ("claude", json.dumps(CLAUDE), Usage(1105, 20, 0.25, "model-a")),
        ("claude", json.dumps([{"type": "system"}, CLAUDE]), Usage(1105, 20, 0.25, "model-a")),
        ("claude", lines({"type": "assistant"}, CLAUDE), Usage(1105, 20, 0.25, "model-a")),
        (
            "codex",
            lines(
                {"type": "thread.started"},
                {"type": "turn.completed", "usage": {"input_tokens": 10, "cached_input_tokens": 4, "output_tokens": 2}},
                {"type": "turn.completed", "usage": {"input_tokens": 20, "output_tokens": 3}},
            ),
            Usage(30, 5),
        ),
        (
            "gemini",
            json.dumps({"stats": {"models": {"model-b": {"tokens": {"prompt": 50, "candidates": 6, "thoughts": 4}}}}}),
            Usage(50, 10, None, "model-b"),
        ),
        (
            "opencode",
            lines(
                {"type": "text"},
                {
                    "type": "step_finish",
                    "part": {
                        "cost": 0.5,
                        "tokens": {"input": 7, "output": 2, "reasoning": 1, "cache": {"read": 3, "write": 0}},
                    },
                },
            ),
            Usage(10, 3, 0.5),
        ),
        (
            "copilot",
            lines({"type": "assistant.usage", "data": {"model": "model-c", "inputTokens": 9, "outputTokens": 1}}),
            Usage(9, 1, None, "model-c"),
        ),
    ],
)
def test_usage_is_read(reader: str, output: str, usage: Usage) -> None:
    assert READERS[reader](output) == usage


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("output", ["", "Not logged in", "{", "[1, 2]", "null", '{"type": "result"}', "\x00"])
def test_what_cannot_be_read_is_not_told(reader: str, output: str) -> None:
    assert READERS[reader](output) == Usage()


def test_a_prompt_is_an_argument_or_standard_input() -> None:
    told, fed = find_assistant("tool --ask {prompt} --now"), find_assistant("tool --ask")

    assert told.words("do; this") == ["tool", "--ask", "do; this", "--now"]
    assert not told.takes_standard_input
    assert fed.takes_standard_input


def test_another_model_of_a_known_assistant_is_read_like_it() -> None:
    assert find_assistant("/opt/bin/claude -p --model other {prompt}").read is find_assistant("claude").read


def test_what_ships_can_be_installed_for() -> None:
    assert {"claude", "codex", "gemini", "opencode", "copilot"} <= set(known_assistants())
    assert {assistant.install for assistant in known_assistants().values()} <= set(ASSISTANTS)
