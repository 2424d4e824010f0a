"""Comments that answer a finding where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastapi_expert.lint.rule import chosen_rules
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.lint.samples import AGENT, SKILL, agent, skill
from tests.pack.laying import lay

MARK = "fastapi-expert: ignore"
LINK = "[more](missing.md)"
BLOCK = "```python\nimport time\n\n\nasync def wait() -> None:\n    time.sleep(1){}\n```\n"


def found(root: Path, text: str) -> list[str]:
    return [finding.rule for finding in lint_paths([lay(root, skill(SKILL + text))]).findings]


@pytest.mark.parametrize(
    "text",
    [
        f"\n{LINK} <!-- {MARK} LK003 -- written by the build -->\n",
        f"\n<!-- {MARK} LK003 -- written by the build -->\n{LINK}\n",
        f"\n<!-- {MARK} lk003, ST001 -- written by the build -->\n{LINK}\n\n```\n",
        f"\n<!-- {MARK}-file LK003 -- written by the build -->\n\n\n{LINK}\n",
        f"\n<!-- {MARK} SE008 -- a demonstration -->\n{BLOCK.format('')}",
        "\n" + BLOCK.format(f"  # {MARK} SE008 -- a demonstration"),
    ],
)
def test_a_comment_with_a_reason_answers(tmp_path: Path, text: str) -> None:
    assert [rule for rule in found(tmp_path, text) if rule != "ST001"] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"\n{LINK} <!-- {MARK} LK003 -->\n", ["LK003", "IG001"]),
        (f"\n{LINK} <!-- {MARK} LK003 -- -->\n", ["LK003", "IG001"]),
        (f"\n{LINK} <!-- {MARK} -- all of them -->\n", ["LK003", "IG001"]),
        (f"\n{LINK} <!-- {MARK} LK999 -- none such -->\n", ["LK003", "IG001"]),
        (f"\n{LINK} <!-- {MARK} LK003 - one dash -->\n", ["LK003", "IG001"]),
        (f"\n{LINK} <!-- {MARK}: LK003 -- a colon -->\n", ["LK003", "IG001"]),
        (f"\n{LINK} <!-- {MARK} LK004 -- another -->\n", ["LK003", "IG002"]),
        (f"\n<!-- {MARK} LK003 -- too far -->\n\n{LINK}\n", ["IG002", "LK003"]),
    ],
)
def test_a_comment_that_answers_nothing_is_said_and_hides_nothing(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    assert sorted(found(tmp_path, text)) == sorted(expected)


def test_a_comment_in_frontmatter_answers_its_line(tmp_path: Path) -> None:
    text = AGENT.replace("inherit\n", f"local-7b  # {MARK} FD001 -- our own gateway has it\n")

    assert lint_paths([lay(tmp_path, agent(text))]).findings == []


def test_a_run_of_some_rules_calls_no_comment_idle(tmp_path: Path) -> None:
    lay(tmp_path, skill(f"{SKILL}\n{LINK} <!-- {MARK} LK003 -- written by the build -->\n"))

    assert lint_paths([tmp_path], chosen_rules(["FM", "IG"])).findings == []
