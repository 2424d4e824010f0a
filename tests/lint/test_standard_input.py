"""What an editor sends: a text that isn't saved yet, under the name that it will have."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.lint.samples import AGENT, SKILL, SKILL_PATH, skill
from tests.pack.laying import lay


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(lay(tmp_path, skill(SKILL)))
    return tmp_path


def send(monkeypatch: pytest.MonkeyPatch, text: bytes, *arguments: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    return main(["lint", *arguments])


def test_the_text_is_judged_by_its_name_and_the_file_is_left_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SKILL.replace("by name.", "by name: x.").encode()

    assert send(monkeypatch, text, "--stdin-filename", SKILL_PATH, "--format", "json") == 1

    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["path"], finding["line"], finding["rule"]) == (SKILL_PATH, 3, "FM006")
    assert (project / SKILL_PATH).read_text() == SKILL


def test_a_file_that_is_not_there_yet_sees_what_lies_beside_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = AGENT.replace("inherit\n", "inherit\nskills: greeting, farewell\n").encode()

    assert send(monkeypatch, text, "--stdin-filename", "agents/greeter.md", "--format", "json") == 1

    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["rule"] == "LK001"


def test_the_mended_text_comes_back(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SKILL.replace("by name.", "by name: x.").encode()

    assert send(monkeypatch, text, "--stdin-filename", SKILL_PATH, "--fix") == 0

    output = capsys.readouterr()
    assert 'description: "Greets people by name: x.' in output.out
    assert output.out.endswith("then the name.\n")
    assert "1 file mended" in output.err
    assert (project / SKILL_PATH).read_text() == SKILL


@pytest.mark.parametrize("text", [b"\xff\xfe", b"x" * 1_000_001])
def test_what_is_no_text_is_misuse(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: bytes
) -> None:
    assert send(monkeypatch, text, "--stdin-filename", SKILL_PATH) == 2
    assert capsys.readouterr().err.count("\n") == 1
