"""What each client does with a file that is meant for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.lint.samples import AGENT, SKILL
from tests.pack.laying import lay

GREEN = AGENT.replace("model: inherit\n", "model: sonnet\ncolor: green\ntools: Read, Grep\nskills: greeting\n")
FILES = {".claude/agents/greeter.md": GREEN, ".claude/skills/greeting/SKILL.md": SKILL}


def said(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> set[tuple[str, str]]:
    main(["lint", str(root), *arguments, "--format", "json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return {(finding["rule"], finding["message"].partition(" the ")[0]) for finding in findings}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("claude", set()),
        ("qwen", set()),
        ("copilot", set()),
        ("codex", {"PO006"}),
        ("gemini", {"PO001", "PO006"}),
        ("opencode", {"PO002", "PO003", "PO006"}),
        ("cursor", {"PO003"}),
        ("claude,codex", {"PO006"}),
    ],
)
def test_one_file_of_claude_code_and_the_clients_it_is_to_serve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str, expected: set[str]
) -> None:
    assert {rule for rule, _ in said(lay(tmp_path, FILES), capsys, "--target", target)} == expected


def test_without_a_target_the_folder_says_whom_a_file_is_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(tmp_path, {f"{folder}/agents/greeter.md": GREEN for folder in (".claude", ".gemini", ".opencode")})

    rules = {rule for rule, _ in said(tmp_path, capsys, "--select", "PO")}

    assert rules == {"PO001", "PO002", "PO003"}


def test_only_the_targets_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay(tmp_path, {"skills/greeting/SKILL.md": SKILL.replace("---\n#", "license: MIT\nlicense: BSD\n---\n#")})

    main(["lint", str(tmp_path), "--target", "codex"])

    output = capsys.readouterr().out
    assert "Codex drops it" in output
    assert "OpenCode" not in output


def test_an_unknown_target_is_misuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["lint", str(tmp_path), "--target", "emacs"])

    assert stopped.value.code == 2
    assert "emacs" in capsys.readouterr().err
