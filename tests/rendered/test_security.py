"""What security tools find in the program and in what it renders: nothing that matters.

`pip-audit` asks an online database, so it can't be a test here; `.github/workflows/newest.yml` runs it every week.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.pack.location import content_root

from .test_service import VARIANTS

ROOT = content_root()
RULES = {"ASYNC", "B", "FAST", "I", "S", "SIM", "UP"}


def findings(*paths: Path) -> list[str]:
    """What bandit finds of medium or high severity."""
    done = subprocess.run(
        [sys.executable, "-m", "bandit", "-q", "-r", "-ll", "-f", "json", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    assert report["errors"] == []
    assert report["metrics"]["_totals"]["loc"] > 500
    return [f"{found['filename']}:{found['line_number']} {found['issue_text']}" for found in report["results"]]


def test_bandit_finds_nothing_that_matters_in_this_program() -> None:
    assert findings(ROOT / "src", ROOT / "dev.py", ROOT / "validate.py") == []


@pytest.mark.parametrize("variant", ["default", "everything", "nothing"])
def test_bandit_finds_nothing_that_matters_in_a_rendered_service(tmp_path: Path, variant: str) -> None:
    service = tmp_path / "shop"
    assert main(["new", str(service), *VARIANTS[variant]]) == 0

    assert findings(service / "app", service / "check.py") == []


def test_bandit_would_find_what_matters(tmp_path: Path) -> None:
    filler = "\n".join(f"VALUE_{number} = {number}" for number in range(600))
    (tmp_path / "faulty.py").write_text(f"import subprocess\nsubprocess.run(input(), shell=True)\n{filler}\n")

    assert [found.rpartition(":")[2].split()[0] for found in findings(tmp_path)] == ["2"]


@pytest.mark.parametrize("project", [ROOT, ROOT / "templates" / "service"], ids=["pack", "service"])
def test_ruff_looks_for_faults_of_security_and_concurrency(project: Path) -> None:
    with (project / "pyproject.toml").open("rb") as file:
        selected = tomllib.load(file)["tool"]["ruff"]["lint"]["select"]

    assert set(selected) >= RULES
