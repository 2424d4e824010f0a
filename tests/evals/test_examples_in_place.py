"""The validator's view of the cases: each example of the agent names the one that plays it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastapi_expert.lint.rule import chosen_rules
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.lint.samples import CASE, HOUSE_AGENT, house
from fastapi_expert.pack.documents import Agent
from fastapi_expert.pack.location import content_root
from fastapi_expert.pack.reading import read_pack
from tests.pack.laying import lay

PLAYED = HOUSE_AGENT.replace("main.py`.", "main.py`, case `arrival`.")
CASE_FILE = "evals/cases/arrival/case.yaml"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({CASE_FILE: CASE[CASE_FILE].replace("E1", "E2")}, "the case 'arrival' plays E2, and this is E1"),
        ({CASE_FILE: CASE[CASE_FILE].replace("[greeted]", "[thanked]")}, "has no such check"),
        ({CASE_FILE: CASE[CASE_FILE].replace("minutes: 5\n", "")}, '"minutes" is a required property'),
    ],
)
def test_a_case_that_is_not_in_order_is_found(tmp_path: Path, changed: dict[str, str], told: str) -> None:
    lay(tmp_path, house(agent=PLAYED) | CASE | changed)

    (finding,) = lint_paths([tmp_path], chosen_rules(["EX004"])).findings

    assert told in finding.message
    assert finding.path == tmp_path / "agents/greeter.md"


def test_without_a_bad_solution_a_grader_is_not_proven(tmp_path: Path) -> None:
    lay(tmp_path, house(agent=PLAYED) | {path: text for path, text in CASE.items() if "/bad/" not in path})

    (finding,) = lint_paths([tmp_path], chosen_rules(["EX004"])).findings

    assert "bad: missing" in finding.message


def test_our_agent_names_five_cases_in_their_order() -> None:
    (agent,) = read_pack([content_root() / "agents"]).asked(Agent)

    assert len(agent.conversations[0]) == 5
    assert lint_paths([content_root()], chosen_rules(["EX004"])).findings == []
