"""The formulas against known values, and the report in its three forms."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fastapi_expert.evals.assistants import Usage
from fastapi_expert.evals.cases import cases_folder, read_cases
from fastapi_expert.evals.exchange import as_evals_json
from fastapi_expert.evals.grading import Grade, Verdict
from fastapi_expert.evals.report import as_markdown, as_page, write_report
from fastapi_expert.evals.runner import Record
from fastapi_expert.evals.statistics import bootstrap, wilson
from fastapi_expert.evals.summary import summarise
from fastapi_expert.evals.workspace import Changes
from fastapi_expert.pack.location import content_root


def record(case: str, arm: str, number: int, *held: bool, seconds: float = 60, tokens: int | None = 1000) -> Record:
    checks = tuple(Verdict(f"c{place}", f"<b>{case}</b> does {place}.", passed) for place, passed in enumerate(held, 1))
    usage = Usage(tokens, 0, None, "model-a") if tokens is not None else Usage()
    return Record(case, arm, number, Grade(case, checks), seconds, 0, usage, Changes(1, 10, 0), "")


RECORDS = [
    record("one", "with", 1, True, True, seconds=120, tokens=2000),
    record("one", "with", 2, True, True, seconds=120, tokens=2000),
    record("one", "without", 1, True, False),
    record("one", "without", 2, False, False),
    record("two", "with", 1, True, False, seconds=30, tokens=None),
    record("two", "without", 1, True, True),
    record("three", "with", 1, True),
]


def test_wilson_is_what_the_literature_says() -> None:
    """R. G. Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    for held, tried, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = wilson(held, tried)
        assert found.low == pytest.approx(low, abs=5e-5)
        assert found.high == pytest.approx(high, abs=5e-5)


def test_the_bootstrap_covers_the_mean_and_repeats() -> None:
    values = [0.0, 0.0, 0.2, 0.4, 0.5, 1.0]
    found = bootstrap(values)

    assert found.value == pytest.approx(0.35)
    assert 0.0 < found.low < found.value < found.high < 1.0
    assert bootstrap(values) == found
    assert bootstrap([0.5]) == bootstrap([0.5, 0.5])


def test_arms_are_compared_by_case() -> None:
    summary = summarise(RECORDS, [])
    (comparison,) = summary.comparisons

    assert summary.arms == ("with", "without")
    assert comparison.cases == 2
    assert comparison.share.value == pytest.approx(((1 - 0.25) + (0.5 - 1)) / 2)
    assert comparison.whole.value == pytest.approx(0)
    assert comparison.seconds is not None
    assert comparison.seconds.value == pytest.approx(1.0)  # twice in one case, half in the other
    assert comparison.tokens is not None
    assert comparison.tokens.value == pytest.approx(2.0)  # only one case tells both
    assert comparison.cost is None
    assert [(row.case, row.id) for row in comparison.won] == [("one", "c2"), ("one", "c1")]
    assert [(row.case, row.id) for row in comparison.lost] == [("two", "c2")]


def test_one_arm_alone_is_compared_with_nothing() -> None:
    summary = summarise([record("one", "with", 1, True)], [])

    assert summary.comparisons == ()
    assert "100%" in as_markdown(summary)
    assert "100%" in as_page(summary)


def test_the_page_stands_alone_and_its_plots_are_drawn() -> None:
    page = as_page(summarise(RECORDS, []))

    assert not re.search(r"(src|href)=|url\(|@import|https?://", page)
    assert "<b>one" not in page
    plots = [ElementTree.fromstring(plot) for plot in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]
    assert [len(plot.findall("circle")) for plot in plots] == [5, 0]
    assert [len(plot.findall("rect")) for plot in plots] == [0, 3]


def test_other_tools_can_read_what_is_written(tmp_path: Path) -> None:
    write_report(RECORDS, [], tmp_path)

    benchmark = json.loads((tmp_path / "benchmark.json").read_text())
    assert {run["configuration"] for run in benchmark["runs"]} == {"with_skill", "without_skill"}
    assert benchmark["run_summary"]["delta"]["pass_rate"] == "+0.38"
    first = benchmark["runs"][0]
    assert first["result"]["pass_rate"] == 1.0
    assert first["expectations"][0] == {"text": "<b>one</b> does 1.", "passed": True, "evidence": "tried, and holds"}
    assert json.loads((tmp_path / "report.json").read_text())["runs"] == len(RECORDS)


def test_the_cases_are_exported_as_they_are() -> None:
    """`python3 dev.py fastapi-expert eval --export evals/evals.json` writes it again."""
    assert (content_root() / "evals/evals.json").read_bytes() == as_evals_json(read_cases(cases_folder()))
