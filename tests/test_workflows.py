"""The workflows of this repository and of the rendered service, and how both install what they lock."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
OURS = ROOT / ".github" / "workflows"
OF_THE_SERVICE = ROOT / "templates" / "service" / ".github" / "workflows"


def read(workflow: Path) -> dict[str, Any]:
    """Read a workflow as YAML 1.2 does, in which `on` is a word like another."""
    read_as_text = yaml.load(workflow.read_text(), Loader=yaml.BaseLoader)
    assert isinstance(read_as_text, dict)
    return read_as_text


def commands(workflow: dict[str, Any]) -> list[str]:
    """Every command that it runs."""
    return [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("workflow", [*OURS.glob("*.yml"), *OF_THE_SERVICE.glob("*.yml")], ids=lambda path: path.name)
def test_a_workflow_may_only_read(workflow: Path) -> None:
    assert read(workflow)["permissions"] == {"contents": "read"}


def test_every_change_runs_what_ci_runs() -> None:
    ci = read(OURS / "ci.yml")

    assert {"push", "pull_request"} <= set(ci["on"])
    assert ".ci/run" in commands(ci)


def test_the_proofs_are_tried_every_week_on_what_is_not_released_yet() -> None:
    proofs = read(OURS / "proofs.yml")

    assert proofs["on"]["schedule"]
    assert "prerelease" in proofs["jobs"]["proofs"]["strategy"]["matrix"]["versions"]
    assert "python tests/proofs/on_versions.py ${{ matrix.versions }}" in commands(proofs)


@pytest.mark.parametrize("workflow", [OURS / "newest.yml", OF_THE_SERVICE / "newest.yml"], ids=["ours", "service"])
def test_the_newest_releases_are_tried_every_week_without_the_lock(workflow: Path) -> None:
    newest = read(workflow)

    assert newest["on"]["schedule"]
    installs = [command for command in commands(newest) if "pip install" in command]
    assert installs
    assert not any("--require-hashes" in command for command in installs)
    assert any("pip-audit --strict" in command for command in commands(newest))


@pytest.mark.parametrize(
    "file",
    [
        "dev.py",
        *(f"templates/service/{name}" for name in ("Dockerfile", "README.md.jinja", ".github/workflows/ci.yml")),
    ],
)
def test_a_lock_is_installed_as_it_is(file: str) -> None:
    """With dependencies, pip 23.2 wants a hash of the newest release of what is asked for with an extra."""
    installs = [line for line in (ROOT / file).read_text().splitlines() if re.search(r"pip.* (-r|.-r., )", line)]
    installs = [line for line in installs if "requirements" in line or "LOCK" in line]

    assert installs
    assert all("--no-deps" in line for line in installs)
