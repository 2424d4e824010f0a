"""Findings that were there before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.lint.samples import SKILL, SKILL_PATH, skill
from tests.pack.laying import lay

BROKEN = SKILL + "\n[a](one.md)\n\n[a](one.md)\n"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(lay(tmp_path, skill(BROKEN)))
    return tmp_path


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[int]:
    main(["lint", *arguments, "--format", "json"])
    return [finding["line"] for finding in json.loads(capsys.readouterr().out)["findings"]]


def test_only_new_findings_are_reported(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--write-baseline", "known.json"]) == 0
    assert main(["lint", "--baseline", "known.json"]) == 0
    capsys.readouterr()

    (project / SKILL_PATH).write_text(BROKEN.replace("# Greeting", "# Greeting\n\nNew line.") + "\n[a](one.md)\n")

    assert lines(capsys, "--baseline", "known.json") == [15]


def test_a_finding_more_in_a_known_line_is_new(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lint", "--write-baseline", "known.json"])
    capsys.readouterr()
    (project / SKILL_PATH).write_text(BROKEN.replace("[a](one.md)\n\n", "[a](two.md)\n\n"))

    assert lines(capsys, "--baseline", "known.json") == [9]


def test_a_baseline_knows_its_files_from_wherever_it_is_used(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["lint", "--write-baseline", "known.json"])
    capsys.readouterr()
    monkeypatch.chdir(project / "skills")

    assert lines(capsys, "..", "--baseline", "../known.json") == []


@pytest.mark.parametrize("text", ["", "[]", '{"findings": [1]}', '{"findings": [{"path": "x"}]}', "\x00"])
def test_what_is_no_baseline_is_misuse(project: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (project / "known.json").write_text(text)

    assert main(["lint", "--baseline", "known.json"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
