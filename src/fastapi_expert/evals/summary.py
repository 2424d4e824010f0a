"""What the records of runs come to: rates with intervals, differences paired by case, ratios of time and tokens."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from fastapi_expert.evals.cases import Case
from fastapi_expert.evals.runner import Record
from fastapi_expert.evals.statistics import Estimate, bootstrap, geometric_mean, wilson
from fastapi_expert.evals.workspace import WITH, WITHOUT


@dataclass(frozen=True, eq=False)
class CheckRow:
    """One check: how often it held in each arm."""

    case: str
    id: str
    sentence: str
    rates: Mapping[str, Estimate]


@dataclass(frozen=True)
class CaseRow:
    """One case.

    Attributes:
        runs: how many there are of each arm.
        shares: the mean share of checks that hold, by arm.
        whole: how often all of them hold, by arm.
        seconds: the mean time, by arm.
        tokens: the mean of what was read and written, by arm; None where it was not told.
    """

    id: str
    title: str
    kind: str
    runs: Mapping[str, int]
    shares: Mapping[str, float]
    whole: Mapping[str, Estimate]
    seconds: Mapping[str, float]
    tokens: Mapping[str, float | None]


@dataclass(frozen=True)
class Comparison:
    """An arm against the one without a pack, over the cases that both have.

    Attributes:
        share: the difference in the share of checks that hold.
        whole: the difference in the share of runs in which all hold.
        seconds: the ratio of times; so tokens, cost and lines changed. None where it was not told.
        won: the checks that hold more often; lost: those that hold less often.
    """

    arm: str
    cases: int
    share: Estimate
    whole: Estimate
    seconds: Estimate | None
    tokens: Estimate | None
    cost: Estimate | None
    lines: Estimate | None
    won: tuple[CheckRow, ...]
    lost: tuple[CheckRow, ...]


@dataclass(frozen=True)
class Summary:
    """All of it.

    Attributes:
        arms: the names of the arms, the pack's first and the empty one last.
        shares: the share of checks that hold, by arm, cases weighing the same.
    """

    arms: tuple[str, ...]
    models: tuple[str, ...]
    runs: int
    shares: Mapping[str, Estimate]
    cases: tuple[CaseRow, ...]
    checks: tuple[CheckRow, ...]
    comparisons: tuple[Comparison, ...]


def summarise(records: Sequence[Record], cases: Iterable[Case]) -> Summary:
    """Put the records together."""
    known = {case.id: case for case in cases}
    arms = sorted({record.arm for record in records}, key=lambda arm: (arm != WITH, arm == WITHOUT, arm))
    by_case: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        by_case[record.case][record.arm].append(record)
    checks = tuple(row for case, of_arms in sorted(by_case.items()) for row in _check_rows(case, of_arms))
    return Summary(
        arms=tuple(arms),
        models=tuple(sorted({record.usage.model for record in records if record.usage.model})),
        runs=len(records),
        shares={
            arm: bootstrap([_mean(of_arms[arm], _share) for of_arms in by_case.values() if arm in of_arms])
            for arm in arms
        },
        cases=tuple(_case_row(id_, of_arms, known.get(id_)) for id_, of_arms in sorted(by_case.items())),
        checks=checks,
        comparisons=tuple(
            _comparison(arm, list(by_case.values()), checks)
            for arm in arms
            if arm != WITHOUT and any(arm in of_arms and WITHOUT in of_arms for of_arms in by_case.values())
        ),
    )


def _share(record: Record) -> float:
    return record.grade.share


def _whole(record: Record) -> float:
    return float(not record.grade.failed)


def _mean(records: Sequence[Record], of: Callable[[Record], float]) -> float:
    return fmean(of(record) for record in records)


def _told_mean(records: Sequence[Record], of: Callable[[Record], float | None]) -> float | None:
    values = [value for record in records if (value := of(record)) is not None]
    return fmean(values) if values else None


def _case_row(id_: str, of_arms: Mapping[str, Sequence[Record]], case: Case | None) -> CaseRow:
    return CaseRow(
        id=id_,
        title=case.title if case else "",
        kind=case.kind if case else "",
        runs={arm: len(records) for arm, records in of_arms.items()},
        shares={arm: _mean(records, _share) for arm, records in of_arms.items()},
        whole={arm: wilson(sum(not r.grade.failed for r in records), len(records)) for arm, records in of_arms.items()},
        seconds={arm: _mean(records, lambda record: record.seconds) for arm, records in of_arms.items()},
        tokens={arm: _told_mean(records, lambda record: record.usage.tokens) for arm, records in of_arms.items()},
    )


def _check_rows(case: str, of_arms: Mapping[str, Sequence[Record]]) -> list[CheckRow]:
    sentences = {check.id: check.sentence for records in of_arms.values() for r in records for check in r.grade.checks}
    rows = []
    for id_, sentence in sentences.items():
        held = {
            arm: [check.passed for record in records for check in record.grade.checks if check.id == id_]
            for arm, records in of_arms.items()
        }
        rates = {arm: wilson(sum(passed), len(passed)) for arm, passed in held.items() if passed}
        rows.append(CheckRow(case, id_, sentence, rates))
    return rows


def _comparison(arm: str, cases: Sequence[Mapping[str, Sequence[Record]]], checks: Sequence[CheckRow]) -> Comparison:
    pairs = [(of_arms[arm], of_arms[WITHOUT]) for of_arms in cases if arm in of_arms and WITHOUT in of_arms]
    both = [row for row in checks if arm in row.rates and WITHOUT in row.rates]
    gains = {row: row.rates[arm].value - row.rates[WITHOUT].value for row in both}
    by_gain = sorted(both, key=lambda row: (-abs(gains[row]), row.case, row.id))
    return Comparison(
        arm=arm,
        cases=len(pairs),
        share=bootstrap([_mean(ours, _share) - _mean(theirs, _share) for ours, theirs in pairs]),
        whole=bootstrap([_mean(ours, _whole) - _mean(theirs, _whole) for ours, theirs in pairs]),
        seconds=_ratio(pairs, lambda record: record.seconds),
        tokens=_ratio(pairs, lambda record: record.usage.tokens),
        cost=_ratio(pairs, lambda record: record.usage.cost_usd),
        lines=_ratio(pairs, lambda record: record.changes.added + record.changes.deleted),
        won=tuple(row for row in by_gain if gains[row] > 0),
        lost=tuple(row for row in by_gain if gains[row] < 0),
    )


def _ratio(
    pairs: Sequence[tuple[Sequence[Record], Sequence[Record]]], of: Callable[[Record], float | None]
) -> Estimate | None:
    """The geometric mean over cases of the ratio of two means, where both were told and neither is nothing."""
    logarithms = []
    for ours, theirs in pairs:
        above, below = _told_mean(ours, of), _told_mean(theirs, of)
        if above and below:
            logarithms.append(math.log(above / below))
    return bootstrap(logarithms, geometric_mean) if logarithms else None
