"""Installing: what an assistant finds afterwards, and what is never touched."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.install import assistants, installation
from fastapi_expert.install.assistants import ASSISTANTS
from fastapi_expert.pack.location import content_root
from fastapi_expert.replacing import replace_file

AGENT = ".claude/agents/fastapi-backend-expert.md"
SKILL = ".claude/skills/backend-database/SKILL.md"
RECORD = ".fastapi-expert/installed.json"

# Where each assistant of today looks, in a project and in a home: the agent, and one of the ten skills.
PLACES = {
    "claude": ((".claude/agents", ".claude/agents"), ".md", (".claude/skills", ".claude/skills")),
    "codex": ((".codex/agents", ".codex/agents"), ".toml", (".agents/skills", ".agents/skills")),
    "copilot": ((".github/agents", ".copilot/agents"), ".agent.md", (".agents/skills", ".agents/skills")),
    "gemini": ((".gemini/agents", ".gemini/agents"), ".md", (".agents/skills", ".agents/skills")),
    "opencode": ((".opencode/agents", ".config/opencode/agents"), ".md", (".agents/skills", ".agents/skills")),
    "cursor": ((".cursor/agents", ".cursor/agents"), ".md", (".agents/skills", ".cursor/skills")),
    "qwen": ((".qwen/agents", ".qwen/agents"), ".md", (".qwen/skills", ".qwen/skills")),
    "agents": (None, "", (".agents/skills", ".agents/skills")),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which nothing is installed, on a machine without assistants."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    return folder


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the pack that a test may change, and that is installed in place of the real one."""
    folder = tmp_path / "pack"
    for part in ("agents", "skills"):
        shutil.copytree(content_root() / part, folder / part, symlinks=True)
    for part in ("src", "templates"):
        (folder / part).mkdir()
        (folder / part / "file.py").write_text("")
    (folder / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(assistants, "content_root", lambda: folder)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ASSISTANTS)
@pytest.mark.parametrize("scope", ["project", "user"])
def test_each_finds_the_agent_and_the_ten_skills(project: Path, name: str, scope: str) -> None:
    agent_places, suffix, skill_places = PLACES[name]
    root, index = (project, 0) if scope == "project" else (project.parent / "home", 1)

    assert main(["install", "--for", name, "--scope", scope]) == 0

    agents = [path for path in root.rglob("fastapi-backend-expert*") if path.is_file()]
    expected = [] if agent_places is None else [root / agent_places[index] / f"fastapi-backend-expert{suffix}"]
    assert agents == expected
    assert len(list((root / skill_places[index]).glob("*/SKILL.md"))) == 10
    assert (root / skill_places[index] / "fastapi/assets/templates/service/app/main.py").is_file()


def test_what_is_in_use_is_found(project: Path) -> None:
    (project / ".claude").mkdir()
    (project.parent / "bin").mkdir()
    (project.parent / "bin/codex").touch(mode=0o755)

    assert main(["install"]) == 0

    assert set(json.loads((project / RECORD).read_text())["assistants"]) == {"claude", "codex"}


def test_in_a_monorepo_the_top_counts_as_a_sign_and_the_folder_as_the_place(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".git").mkdir()
    (project / ".claude").mkdir()
    (project / "services/shop").mkdir(parents=True)
    monkeypatch.chdir(project / "services/shop")

    assert main(["install"]) == 0

    assert (project / "services/shop" / AGENT).is_file()
    assert f"started in {project} won't find it" in capsys.readouterr().out


def test_where_no_assistant_is_found_the_choices_are_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install"]) == 2

    [line] = capsys.readouterr().err.splitlines()
    assert all(f"--for {name}" in line for name in ASSISTANTS)
    assert tree(project) == {}


def test_twice_is_once(project: Path) -> None:
    main(["install", "--for", "claude", "codex"])
    before = tree(project)

    assert main(["install", "--for", "claude", "codex"]) == 0
    assert tree(project) == before


def test_a_dry_run_names_what_it_would_write(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "--for", "claude", "--dry-run"]) == 0

    assert tree(project) == {}
    said = capsys.readouterr().out
    assert f"write    {AGENT}" in said.splitlines()
    assert len(said.splitlines()) == 11

    main(["install", "--for", "claude"])
    capsys.readouterr()
    main(["install", "--for", "claude", "--dry-run"])
    assert capsys.readouterr().out == "nothing to do\n"


def test_a_file_that_is_not_ours_is_kept_and_stops_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / AGENT).parent.mkdir(parents=True)
    (project / AGENT).write_text("made by hand")

    assert main(["install", "--for", "claude"]) == 2

    assert tree(project) == {AGENT: b"made by hand"}
    assert AGENT in capsys.readouterr().err


def test_a_newer_pack_replaces_what_was_not_edited(project: Path, pack: Path) -> None:
    main(["install", "--for", "claude", "gemini"])
    (pack / "skills/backend-database/SKILL.md").write_bytes(b"newer")
    shutil.rmtree(pack / "skills/neon-postgres")
    assert main(["status"]) == 1

    assert main(["install", "--for", "claude"]) == 0
    assert (project / SKILL).read_bytes() == b"newer"
    assert not (project / ".claude/skills/neon-postgres").exists()
    assert (project / ".agents/skills/neon-postgres/SKILL.md").is_file()

    (project / SKILL).write_bytes(b"edited")
    (pack / "skills/backend-database/SKILL.md").write_bytes(b"newest")
    assert main(["install", "--for", "claude"]) == 2
    assert (project / SKILL).read_bytes() == b"edited"


def test_what_is_no_longer_needed_but_edited_is_kept(
    project: Path, pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["install", "--for", "claude"])
    (project / SKILL).write_bytes(b"edited")
    shutil.rmtree(pack / "skills/backend-database")

    assert main(["install", "--for", "claude"]) == 0

    assert (project / SKILL).read_bytes() == b"edited"
    assert SKILL in capsys.readouterr().out


def test_uninstalling_takes_away_what_was_written_and_nothing_else(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".claude").mkdir()
    (project / ".claude/settings.json").write_text("{}")
    main(["install", "--for", "claude", "agents"])
    assert main(["status"]) == 0
    (project / SKILL).write_text("edited")
    (project / AGENT).unlink()
    capsys.readouterr()

    assert main(["status"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert f"edited   {SKILL}" in said
    assert f"missing  {AGENT}" in said
    assert main(["uninstall"]) == 0

    assert tree(project) == {".claude/settings.json": b"{}", SKILL: b"edited"}
    assert not (project / ".agents").exists()
    assert SKILL in capsys.readouterr().out


def test_what_two_assistants_share_stays_for_the_other(project: Path) -> None:
    main(["install", "--for", "codex", "gemini"])

    assert main(["uninstall", "--for", "codex"]) == 0
    assert not (project / ".codex").exists()
    assert (project / ".agents/skills/fastapi/SKILL.md").is_file()

    assert main(["uninstall", "--for", "gemini"]) == 0
    assert tree(project) == {}


def test_a_link_leads_to_the_pack_and_gives_way_to_a_copy(project: Path, pack: Path) -> None:
    before = tree(pack)

    assert main(["install", "--for", "claude", "codex", "--link"]) == 0
    assert (project / AGENT).readlink() == pack / "agents/fastapi-backend-expert.md"
    assert (project / ".agents/skills/fastapi").readlink() == pack / "skills/fastapi"
    assert main(["status"]) == 0

    (pack / "skills/fastapi/SKILL.md").write_text("newer")  # seen through the links at once
    assert main(["install", "--for", "claude", "codex"]) == 0
    assert not [path for path in project.rglob("*") if path.is_symlink()]
    assert (project / ".claude/skills/fastapi/SKILL.md").read_text() == "newer"

    assert main(["install", "--for", "claude", "codex", "--link"]) == 0
    assert main(["uninstall"]) == 0
    assert list(project.iterdir()) == []
    assert {**before, "skills/fastapi/SKILL.md": b"newer"} == tree(pack)


def test_where_no_link_can_be_made_the_cure_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("A required privilege is not held by the client")  # as Windows says it

    monkeypatch.setattr(os, "symlink", refuse)

    assert main(["install", "--for", "claude", "--link"]) == 2

    [line] = capsys.readouterr().err.splitlines()
    assert "--copy" in line
    assert tree(project) == {}


def test_a_clone_without_links_installs_what_they_stand_for(project: Path, pack: Path) -> None:
    assets = pack / "skills/fastapi/assets"
    for link in [assets / name for name in ("pyproject.toml", "src", "templates")]:
        target = str(link.readlink())
        link.unlink()
        link.write_text(target)  # as git does where `core.symlinks` is off

    assert main(["install", "--for", "claude"]) == 0

    installed = project / ".claude/skills/fastapi/assets"
    assert (installed / "src/file.py").is_file()
    assert (installed / "templates/file.py").is_file()
    assert (installed / "pyproject.toml").read_text() == "[project]\n"


def test_what_lies_behind_somebody_elses_link_is_not_ours(project: Path, pack: Path) -> None:
    (project / ".claude/skills").mkdir(parents=True)
    (project / ".claude/skills/fastapi").symlink_to(pack / "skills/fastapi")
    before = tree(pack)

    assert main(["install", "--for", "claude"]) == 0
    assert main(["uninstall"]) == 0

    assert tree(pack) == before
    assert (project / ".claude/skills/fastapi").is_symlink()


def test_a_broken_record_is_said_in_a_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for record in ("{", "[]", '{"assistants": {"claude": 1}}'):
        (project / ".fastapi-expert").mkdir(exist_ok=True)
        (project / RECORD).write_text(record)

        assert main(["install", "--for", "claude"]) == 2

        assert len(capsys.readouterr().err.splitlines()) == 1
        assert not (project / ".claude").exists()


@pytest.mark.parametrize(
    "path", ["../kept", "/kept", "a/../../kept", "..\\kept", "C:\\kept", "\\\\host\\share\\kept", ""]
)
def test_a_record_that_leads_out_of_the_project_deletes_nothing(
    project: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = project.parent / "kept"
    kept.write_text("kept")
    (project / ".fastapi-expert").mkdir()
    (project / RECORD).write_text(json.dumps({"assistants": {"claude": {path: "0"}}}))

    assert main(["uninstall"]) == 2

    assert kept.read_text() == "kept"
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_record_names_paths_in_one_way_on_every_system(project: Path) -> None:
    main(["install", "--for", "claude"])

    record = json.loads((project / RECORD).read_text())["assistants"]["claude"]
    assert AGENT in record
    assert not [path for path in record if "\\" in path or path.startswith("/")]


def test_a_place_that_cannot_be_written_is_said_in_a_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".claude").write_text("a file")

    assert main(["install", "--for", "claude"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="a folder that even root can't write to is known on Linux only")
@pytest.mark.parametrize("command", [["install", "--for", "claude"], ["status"], ["uninstall"]])
def test_a_home_that_cannot_be_written_is_said_in_a_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.setenv("HOME", "/proc/self/fdinfo")

    assert main([*command, "--scope", "user"]) == (2 if command[0] == "install" else 0)
    assert len(capsys.readouterr().err.splitlines()) == (1 if command[0] == "install" else 0)


def test_an_installation_that_failed_half_way_can_be_taken_away(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".agents").write_text("a file")
    assert main(["install", "--for", "claude", "agents"]) == 2
    assert (project / SKILL).is_file()

    assert main(["uninstall"]) == 0

    assert tree(project) == {".agents": b"a file"}


def test_a_copy_that_came_with_one_skill_has_no_agent_to_install(
    project: Path, pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["install", "--for", "claude"])
    capsys.readouterr()
    shutil.rmtree(pack / "agents")

    assert main(["install", "--for", "claude"]) == 2

    [line] = capsys.readouterr().err.splitlines()
    assert "from a clone or a wheel" in line
    assert main(["status"]) == 0
    assert main(["uninstall"]) == 0


def test_the_readme_has_a_line_for_each_assistant() -> None:
    readme = (content_root() / "README.md").read_text(encoding="utf-8")

    assert all(f"CLONE/bin/fastapi-expert install --for {name}`" in readme for name in ASSISTANTS)


def test_an_update_that_failed_half_way_is_taken_up_again(
    project: Path, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["install", "--for", "claude"])
    for name in ("backend-database", "neon-postgres"):
        (pack / f"skills/{name}/SKILL.md").write_bytes(b"newer")

    def stop_at_neon(path: Path, content: bytes) -> None:
        if "neon-postgres" in str(path):
            raise OSError("No space left on device")
        replace_file(path, content)

    monkeypatch.setattr(installation, "replace_file", stop_at_neon)
    assert main(["install", "--for", "claude"]) == 2
    monkeypatch.undo()
    monkeypatch.chdir(project)
    monkeypatch.setattr(assistants, "content_root", lambda: pack)

    assert main(["install", "--for", "claude"]) == 0
    assert (project / ".claude/skills/neon-postgres/SKILL.md").read_bytes() == b"newer"
