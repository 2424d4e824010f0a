"""Every grader is proven: the good solution passes, the bad one fails what its case says, nothing passes for free."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from fastapi_expert.evals.cases import Case, cases_folder, read_cases
from fastapi_expert.evals.grading import POOL_MODES, grade
from fastapi_expert.evals.pgbouncer import PROGRAM
from fastapi_expert.pack.documents import Skill
from fastapi_expert.pack.location import content_root
from fastapi_expert.pack.reading import read_pack

CASES = read_cases(cases_folder())


@pytest.fixture(params=CASES, ids=[case.id for case in CASES])
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    if found.needs & POOL_MODES.keys() and PROGRAM is None:
        reason = "pgbouncer is not installed (Debian: apt-get install pgbouncer)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return found


def test_the_good_solution_passes(case: Case, tmp_path: Path, postgres: Path) -> None:
    case.lay_out(tmp_path / "project", "good")

    found = grade(case, tmp_path / "project", postgres)

    assert {verdict.id: verdict.reason for verdict in found.checks if not verdict.passed} == {}


def test_the_bad_solution_fails_what_it_should(case: Case, tmp_path: Path, postgres: Path) -> None:
    case.lay_out(tmp_path / "project", "bad")

    found = grade(case, tmp_path / "project", postgres)

    reasons = {verdict.id: verdict.reason for verdict in found.checks if not verdict.passed}
    assert set(reasons) - case.bad_sometimes == case.bad_fails, reasons


def test_doing_nothing_does_not_pass(case: Case, tmp_path: Path, postgres: Path) -> None:
    case.lay_out(tmp_path / "project")

    assert grade(case, tmp_path / "project", postgres).failed


def test_the_template_unchanged_does_not_pass(case: Case, tmp_path: Path, postgres: Path, plain_template: Path) -> None:
    shutil.copytree(plain_template, tmp_path / "project")
    serve = "uvicorn --factory app.main:create_app" if case.serve else ""

    assert grade(case, tmp_path / "project", postgres, serve=serve, migrate="alembic upgrade head").failed


def test_there_are_enough_cases_of_each_kind() -> None:
    skills = {skill.folder.name for skill in read_pack([content_root() / "skills"]).asked(Skill)}
    played = Counter(skill for case in CASES for skill in case.skills)

    assert len(CASES) >= 20
    assert set(played) == skills
    assert min(played.values()) >= 2, played
    assert sum(case.kind != "own" for case in CASES) >= 5
    assert sum(case.without_pack != "passes" for case in CASES) * 2 >= len(CASES)
    assert {case.example for case in CASES} >= {"E1", "E2", "E3", "E4", "E5"}
