"""Every rule on its own two samples, and what all rules have in common."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from fastapi_expert.lint.fix import mended_texts
from fastapi_expert.lint.report import explanation
from fastapi_expert.lint.rule import FAMILIES, Rule, RuleError, Symlink, all_rules, chosen_rules
from fastapi_expert.lint.run import lint_paths
from tests.pack.laying import lay

RULES = list(all_rules().values())


@pytest.fixture(params=RULES, ids=[rule.id for rule in RULES])
def rule(request: pytest.FixtureRequest) -> Rule:
    found: Rule = request.param
    return found


def rules_found(root: Path, files: Mapping[str, str | bytes | Symlink]) -> list[str]:
    return [finding.rule for finding in lint_paths([lay(root, files)]).findings]


def test_the_wrong_sample_has_one_fault_and_no_other_rule_minds(rule: Rule, tmp_path: Path) -> None:
    assert rules_found(tmp_path, rule.wrong) == [rule.id]


def test_no_rule_minds_the_right_sample(rule: Rule, tmp_path: Path) -> None:
    assert rules_found(tmp_path, rule.right) == []


def test_a_fix_leaves_nothing_to_find(rule: Rule, tmp_path: Path) -> None:
    lay(tmp_path, rule.wrong)
    (finding,) = lint_paths([tmp_path]).findings
    if finding.fix is None:
        assert mended_texts([tmp_path], RULES, unsafe=True) == {}
        return

    texts = mended_texts([tmp_path], RULES, unsafe=True)

    assert list(texts) == [finding.path]
    assert lint_paths([tmp_path], texts=texts).findings == []


def test_a_rule_says_what_it_wants_and_why(rule: Rule) -> None:
    text = explanation(rule)

    assert rule.summary.endswith(".")
    assert "\n" not in rule.summary
    assert rule.reason
    assert text.count("Wrong, ") >= 1
    assert text.count("Right, ") >= 1


def test_only_unsafe_fixes_wait_for_a_word(tmp_path: Path) -> None:
    found = {}
    for rule in RULES:
        lay(tmp_path / rule.id, rule.wrong)
        for finding in lint_paths([tmp_path / rule.id]).findings:
            if finding.fix is not None:
                found[rule.id] = finding.fix.safe

    assert found == {
        "DE004": False,
        "EX001": True,
        "FD001": False,
        "FI004": True,
        "FI007": False,
        "FM005": True,
        "FM006": True,
        "FM013": False,
        "FM014": True,
        "SF001": False,
        "ST001": False,
        "ST007": True,
    }


def test_every_family_has_its_letters() -> None:
    letters: dict[str, set[str]] = {}
    for rule in RULES:
        letters.setdefault(rule.check.__module__.rpartition(".")[2], set()).add(rule.id[:2])

    assert set(letters) == set(FAMILIES)
    assert all(len(found) == 1 for found in letters.values())


def test_rules_are_chosen_by_id_and_by_family() -> None:
    assert [rule.id for rule in chosen_rules(["EX", "FM006"])] == ["FM006", "EX001", "EX002", "EX003", "EX004"]
    assert [rule.id for rule in chosen_rules(["EX"], ["EX002"])] == ["EX001", "EX003", "EX004"]
    assert chosen_rules() == RULES


@pytest.mark.parametrize("prefix", ["XX", "FM999", "FMX"])
def test_a_prefix_of_no_rule_is_refused(prefix: str) -> None:
    with pytest.raises(RuleError, match=prefix):
        chosen_rules([], [prefix])
