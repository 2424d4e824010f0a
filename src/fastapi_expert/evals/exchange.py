"""The Agent Skills' own eval files, so that other tools read ours: `evals.json` and `benchmark.json`.

Their fields are those of `references/schemas.md` in the skill `skill-creator` of anthropics/skills.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import fmean, stdev
from typing import Any

from fastapi_expert.evals.cases import Case
from fastapi_expert.evals.runner import CONFIGURATIONS, Record
from fastapi_expert.evals.workspace import WITH, WITHOUT

NAME = "fastapi-expert"


def as_evals_json(cases: Sequence[Case]) -> bytes:
    """The cases as an `evals.json`."""
    evals = [
        {
            "id": number,
            "name": case.id,
            "prompt": case.prompt.strip(),
            "expected_output": case.title,
            "files": sorted(
                f"evals/cases/{case.id}/{path.relative_to(case.folder).as_posix()}"
                for path in (case.folder / "start").rglob("*")
                if path.is_file() and "__pycache__" not in path.parts
            ),
            "expectations": [check.sentence for check in case.checks],
        }
        for number, case in enumerate(cases, 1)
    ]
    return (json.dumps({"skill_name": NAME, "evals": evals}, indent=2, ensure_ascii=False) + "\n").encode()


def as_benchmark_json(records: Sequence[Record]) -> bytes:
    """The records as a `benchmark.json`."""
    cases = sorted({record.case for record in records})
    arms = sorted({record.arm for record in records}, key=lambda arm: (arm != WITH, arm != WITHOUT, arm))
    summary: dict[str, Any] = {_configuration(arm): _summary([r for r in records if r.arm == arm]) for arm in arms}
    if WITH in arms and WITHOUT in arms:
        ours, theirs = summary[_configuration(WITH)], summary[_configuration(WITHOUT)]
        summary["delta"] = {
            name: f"{ours[name]['mean'] - theirs[name]['mean']:+.{digits}f}"
            for name, digits in (("pass_rate", 2), ("time_seconds", 1), ("tokens", 0))
        }
    models = sorted({record.usage.model for record in records if record.usage.model})
    benchmark = {
        "metadata": {
            "skill_name": NAME,
            "executor_model": ", ".join(models) or "not told",
            "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "evals_run": cases,
            "runs_per_configuration": max((record.number for record in records), default=0),
        },
        "runs": [
            {
                "eval_id": cases.index(record.case) + 1,
                "eval_name": record.case,
                "configuration": _configuration(record.arm),
                "run_number": record.number,
                "result": {
                    "pass_rate": round(record.grade.share, 4),
                    "passed": len(record.grade.checks) - len(record.grade.failed),
                    "failed": len(record.grade.failed),
                    "total": len(record.grade.checks),
                    "time_seconds": round(record.seconds, 1),
                    "tokens": record.usage.tokens or 0,
                    "errors": int(record.exit_code != 0),
                },
                "expectations": [
                    {"text": check.sentence, "passed": check.passed, "evidence": check.reason or "tried, and holds"}
                    for check in record.grade.checks
                ],
                "notes": [],
            }
            for record in records
        ],
        "run_summary": summary,
        "notes": ["Graded by running each result; no model judged."],
    }
    return (json.dumps(benchmark, indent=2, ensure_ascii=False) + "\n").encode()


def _configuration(arm: str) -> str:
    return CONFIGURATIONS.get(arm, arm)


def _summary(records: Sequence[Record]) -> dict[str, dict[str, float]]:
    return {
        "pass_rate": _spread([record.grade.share for record in records]),
        "time_seconds": _spread([record.seconds for record in records]),
        "tokens": _spread([record.usage.tokens or 0 for record in records]),
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    spread = stdev(values) if len(values) > 1 else 0.0
    found = {"mean": fmean(values), "stddev": spread, "min": min(values), "max": max(values)}
    return {name: round(value, 4) for name, value in found.items()}
