"""The report: Markdown for people, JSON for programs, a page with plots that needs no network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from fastapi_expert.evals.cases import Case
from fastapi_expert.evals.exchange import as_benchmark_json, as_evals_json
from fastapi_expert.evals.runner import Record, RunnerError
from fastapi_expert.evals.statistics import Estimate
from fastapi_expert.evals.summary import Summary, summarise
from fastapi_expert.evals.workspace import WITHOUT
from fastapi_expert.replacing import replace_file


def write_report(records: Sequence[Record], cases: Sequence[Case], folder: Path) -> Path:
    """Write `report.md`, `report.json`, `report.html`, `benchmark.json` and `evals.json` into the folder.

    Returns:
        Where the page is.

    Raises:
        RunnerError: there is nothing to report on.
        OSError: the folder can't be written.
    """
    if not records:
        raise RunnerError(f"{folder} holds no run that is done, so there is nothing to report on")
    summary = summarise(records, cases)
    for name, content in (
        ("report.md", as_markdown(summary).encode()),
        ("report.json", (json.dumps(asdict(summary), indent=2, ensure_ascii=False) + "\n").encode()),
        ("benchmark.json", as_benchmark_json(records)),
        ("evals.json", as_evals_json(cases)),
        ("report.html", as_page(summary).encode()),
    ):
        replace_file(folder / name, content)
    return folder / "report.html"


def percent(value: float) -> str:
    """A share as a whole percentage."""
    return f"{value:.0%}"


def points(value: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    return f"{value * 100:+.0f}"


def ranged(estimate: Estimate | None, form: str = "percent") -> str:
    """An estimate with its interval: as `percent`, as `points` or as a `ratio`."""
    if estimate is None:
        return "not told"
    if form == "ratio":
        return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"
    shown = points if form == "points" else percent
    return f"{shown(estimate.value)} ({shown(estimate.low)} to {shown(estimate.high)})"


def as_markdown(summary: Summary) -> str:
    """The report as Markdown."""
    lines = ["# Eval report", "", _about(summary), "", "| arm | checks that hold |", "|---|---|"]
    lines += [f"| {arm} | {ranged(estimate)} |" for arm, estimate in summary.shares.items()]
    for comparison in summary.comparisons:
        lines += [
            "",
            f"## {comparison.arm} against {WITHOUT}",
            "",
            f"Over {comparison.cases} cases, paired by case.",
            "",
            "| | |",
            "|---|---|",
            f"| checks that hold, points | {ranged(comparison.share, 'points')} |",
            f"| runs in which all hold, points | {ranged(comparison.whole, 'points')} |",
            f"| time, ratio | {ranged(comparison.seconds, 'ratio')} |",
            f"| tokens, ratio | {ranged(comparison.tokens, 'ratio')} |",
            f"| cost, ratio | {ranged(comparison.cost, 'ratio')} |",
            f"| lines changed, ratio | {ranged(comparison.lines, 'ratio')} |",
        ]
        for title, rows in (("Won", comparison.won), ("Lost", comparison.lost)):
            lines += ["", f"### {title}: {len(rows)} checks", ""]
            lines += [
                f"- `{row.case}` {row.sentence} {percent(row.rates[WITHOUT].value)} → "
                f"{percent(row.rates[comparison.arm].value)}"
                for row in rows
            ]
    lines += ["", "## Cases", "", _row("case", *(f"{arm}: checks, whole" for arm in summary.arms))]
    lines += [_row("---", *("---" for _ in summary.arms))]
    for case in summary.cases:
        lines.append(
            _row(
                f"`{case.id}`",
                *(
                    f"{percent(case.shares[arm])}, {ranged(case.whole[arm])}" if arm in case.shares else "not played"
                    for arm in summary.arms
                ),
            )
        )
    lines += [
        "",
        "## Checks",
        "",
        _row("case", "check", *summary.arms),
        _row("---", "---", *("---" for _ in summary.arms)),
    ]
    for row in summary.checks:
        rates = (ranged(row.rates.get(arm)) if arm in row.rates else "not played" for arm in summary.arms)
        lines.append(_row(f"`{row.case}`", row.sentence, *rates))
    return "\n".join(lines) + "\n"


def as_page(summary: Summary) -> str:
    """The report as a page that stands alone."""
    environment = Environment(
        loader=PackageLoader(__package__, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "points": points, "ranged": ranged}
    return environment.get_template("page.html.jinja").render(summary=summary, about=_about(summary), without=WITHOUT)


def _about(summary: Summary) -> str:
    models = ", ".join(summary.models) or "a model that was not told"
    counted = f"{summary.runs} runs of {len(summary.cases)} cases by {models}"
    return f"{counted}. In brackets: 95 % intervals, over runs for a check or a case (Wilson), over cases for the rest."


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
