"""The forms of a report that programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fastapi_expert.cli import main
from fastapi_expert.lint.samples import SKILL, SKILL_PATH, agent, skill
from tests.pack.laying import lay

COLON = SKILL.replace("by name.", "by name: x.")


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def made(form: str, text: str = COLON) -> str:
        monkeypatch.chdir(lay(tmp_path, skill(text)))
        assert main(["lint", ".", "--format", form]) == (0 if text == SKILL else 1)
        return capsys.readouterr().out

    return made


def test_sarif_names_the_rule_the_place_and_the_fix(report: Any) -> None:
    (run,) = json.loads(report("sarif"))["runs"]
    (result,) = run["results"]
    (rule,) = run["tool"]["driver"]["rules"]
    place = result["locations"][0]["physicalLocation"]
    (change,) = result["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]

    assert (rule["id"], result["ruleId"], result["level"], result["ruleIndex"]) == ("FM006", "FM006", "error", 0)
    assert place["artifactLocation"] == {"uri": SKILL_PATH, "uriBaseId": "ROOT"}
    assert place["region"] == {"startLine": 3, "startColumn": 35}
    region = replacement["deletedRegion"]
    text = COLON[: region["charOffset"]] + replacement["insertedContent"]["text"]
    text += COLON[region["charOffset"] + region["charLength"] :]
    assert 'description: "Greets people by name: x.' in text


def test_sarif_of_a_clean_pack_has_a_run_without_results(report: Any) -> None:
    (run,) = json.loads(report("sarif", SKILL))["runs"]

    assert run["results"] == []


@pytest.mark.parametrize("below", [".", "/"])
def test_sarif_paths_start_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], below: str
) -> None:
    lay(tmp_path, skill(COLON))
    monkeypatch.chdir(tmp_path / below)

    main(["lint", str(tmp_path), "--format", "sarif"])

    (run,) = json.loads(capsys.readouterr().out)["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    root = run["originalUriBaseIds"][place["uriBaseId"]]["uri"]
    assert root + place["uri"] == (tmp_path / SKILL_PATH).as_uri()


def test_github_gets_a_command_a_finding(report: Any) -> None:
    (line,) = report("github").splitlines()

    assert line.startswith(f"::error file={SKILL_PATH},line=3,col=35,title=FM006::")


def test_github_commands_hold_nothing_that_ends_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(lay(tmp_path, {"agents/100%,a:b.md": "# no frontmatter\n"}))

    main(["lint", ".", "--format", "github"])

    assert "file=agents/100%25%2Ca%3Ab.md,line=1" in capsys.readouterr().out


def test_an_assistant_gets_a_line_a_finding_and_what_to_do_first(report: Any) -> None:
    first, finding, last = report("agent").splitlines()

    assert "--fix" in first
    assert finding.startswith(f"{SKILL_PATH}:3:35 FM006 [--fix] ")
    assert "explain FM006" in last


def test_an_assistant_reads_that_nothing_is_to_do(report: Any) -> None:
    assert report("agent", SKILL) == "ok: 1 file checked, nothing to do\n"


def test_every_form_takes_findings_of_every_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = agent("\x00\x1b[31m") | {SKILL_PATH: "\ufeff" + COLON + "\u202e[x](y.md)"}
    lay(tmp_path, files)

    for form in ("text", "json", "sarif", "github", "agent"):
        assert main(["lint", str(tmp_path), "--format", form]) == 1
        output = capsys.readouterr().out
        assert "FM001" in output
        assert "\x1b" not in output
