"""Installing: what an assistant finds afterwards, and what is never touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.install.assistants import ASSISTANTS
from fastapi_expert.pack.location import content_root

AGENT = ".claude/agents/fastapi-backend-expert.md"
SKILL = ".claude/skills/backend-database/SKILL.md"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which nothing is installed, on a machine without assistants."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_claude_finds_the_agent_and_the_ten_skills(project: Path) -> None:
    assert main(["install", "--for", "claude"]) == 0

    assert (project / AGENT).read_bytes() == (content_root() / "agents/fastapi-backend-expert.md").read_bytes()
    assert len(list((project / ".claude/skills").glob("*/SKILL.md"))) == 10


def test_the_others_find_the_skills(project: Path) -> None:
    assert main(["install", "--for", "agents"]) == 0

    assert len(list((project / ".agents/skills").glob("*/SKILL.md"))) == 10
    assert not (project / ".claude").exists()


def test_what_is_in_use_is_found(project: Path) -> None:
    (project / ".claude").mkdir()
    (project / "bin").mkdir()
    (project / "bin/codex").touch(mode=0o755)

    assert main(["install"]) == 0

    assert (project / SKILL).is_file()
    assert (project / ".agents/skills/backend-database/SKILL.md").is_file()


def test_where_no_assistant_is_found_the_choices_are_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install"]) == 2

    error = capsys.readouterr().err
    assert all(f"--for {name}" in error for name in ASSISTANTS)
    assert tree(project) == {}


def test_the_scope_user_is_the_home(project: Path) -> None:
    assert main(["install", "--for", "claude", "--scope", "user"]) == 0

    assert (project / "home" / AGENT).is_file()
    assert not (project / ".claude").exists()


def test_twice_is_once(project: Path) -> None:
    main(["install", "--for", "claude"])
    before = tree(project)

    assert main(["install", "--for", "claude"]) == 0
    assert tree(project) == before


def test_a_dry_run_names_what_it_would_write(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "--for", "claude", "--dry-run"]) == 0

    assert tree(project) == {}
    assert {AGENT, SKILL} <= set(capsys.readouterr().out.splitlines())


def test_a_file_that_is_not_ours_is_kept_and_stops_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / AGENT).parent.mkdir(parents=True)
    (project / AGENT).write_text("made by hand")

    assert main(["install", "--for", "claude"]) == 2

    assert tree(project) == {AGENT: b"made by hand"}
    assert AGENT in capsys.readouterr().err


def test_a_newer_pack_replaces_what_was_not_edited(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["install", "--for", "claude"])
    newer = ASSISTANTS["claude"].files() | {SKILL: b"newer"}
    monkeypatch.setattr(type(ASSISTANTS["claude"]), "files", lambda self: newer)

    assert main(["install", "--for", "claude"]) == 0
    assert (project / SKILL).read_bytes() == b"newer"

    (project / SKILL).write_bytes(b"edited")
    newer[SKILL] = b"newest"
    assert main(["install", "--for", "claude"]) == 2
    assert (project / SKILL).read_bytes() == b"edited"


def test_uninstalling_takes_away_what_was_written_and_nothing_else(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".claude").mkdir()
    (project / ".claude/settings.json").write_text("{}")
    main(["install", "--for", "claude", "--for", "agents"])
    (project / SKILL).write_text("edited")
    capsys.readouterr()

    main(["status"])
    assert f"edited: {SKILL}" in capsys.readouterr().out.splitlines()
    assert main(["uninstall"]) == 0

    assert tree(project) == {".claude/settings.json": b"{}", SKILL: b"edited"}
    assert not (project / ".agents").exists()
    assert SKILL in capsys.readouterr().out


def test_a_broken_record_is_said_in_a_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".fastapi-expert").mkdir()
    (project / ".fastapi-expert/installed.json").write_text("{")

    assert main(["install", "--for", "claude"]) == 2

    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (project / ".claude").exists()


def test_a_place_that_cannot_be_written_is_said_in_a_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".claude").write_text("a file")

    assert main(["install", "--for", "claude"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
