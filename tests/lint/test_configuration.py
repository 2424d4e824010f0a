"""What a project says about its own linting, and how the command line overrides it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.lint.samples import AGENT, SKILL, agent, skill
from tests.pack.laying import lay

FILES = skill(SKILL.replace("name: greeting", "name: other")) | agent(AGENT.replace("inherit", "sonet"))


def rules(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    main(["lint", *arguments, "--format", "json"])
    return [finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(lay(tmp_path, FILES))
    return tmp_path


def test_without_one_everything_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert rules(capsys) == ["FD001", "FM013"]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('ignore = ["FM013"]', ["FD001"]),
        ('select = ["fm"]', ["FM013"]),
        ('exclude = ["skills"]', ["FD001"]),
        ('exclude = ["agents/*.md"]', ["FM013"]),
        ('per-file-ignores = {"skills/*" = ["FM"], "agents/*" = ["FM"]}', ["FD001"]),
    ],
)
@pytest.mark.parametrize(
    ("name", "head"), [("pyproject.toml", "[tool.fastapi-expert.lint]"), (".fastapi-expert.toml", "[lint]")]
)
def test_a_project_chooses(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, head: str, table: str, expected: list[str]
) -> None:
    (project / name).write_text(f"{head}\n{table}\n")

    assert rules(capsys) == expected


def test_the_nearest_one_is_taken_and_the_command_line_goes_before_it(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pyproject.toml").write_text('[tool.fastapi-expert.lint]\nignore = ["FM013"]\n')
    (project / "skills" / "pyproject.toml").write_text("[tool.other]\n")
    monkeypatch.chdir(project / "skills")

    assert rules(capsys, "..") == ["FD001"]
    assert rules(capsys, "..", "--ignore", "FD") == ["FM013"]


def test_one_can_be_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "other.toml").write_text('[lint]\nselect = ["FD"]\n')

    assert rules(capsys, "--config", "other.toml") == ["FD001"]


def test_targets_may_stand_in_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".fastapi-expert.toml").write_text('[lint]\ntarget = ["codex"]\nselect = ["PO"]\n')

    assert rules(capsys) == ["PO006"]


@pytest.mark.parametrize(
    "text",
    [
        "[lint\n",
        '[lint]\nselec = ["FM"]\n',
        '[lint]\nselect = "FM"\n',
        '[lint]\nselect = ["FMX"]\n',
        '[lint]\nignore = ["FM999"]\n',
        '[lint]\ntarget = ["emacs"]\n',
        '[lint]\nbaseline = "missing.json"\n',
    ],
)
def test_a_broken_one_is_one_line_and_misuse(project: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (project / ".fastapi-expert.toml").write_text(text)

    assert main(["lint"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(f"error: {project}")
    assert output.err.count("\n") == 1
