"""Playing cases with the stand-in and with small programs: what is recorded, what is done again, what leaks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.evals.assistants import find_assistant
from fastapi_expert.evals.cases import cases_folder, read_case
from fastapi_expert.evals.runner import Record, all_runs, open_runs
from fastapi_expert.evals.workspace import BINARIES, PROGRAMS, WITH, WITHOUT, Arm, Workspace

CASE = cases_folder() / "bearer_token"


def play(out: Path, *more: str, assistant: str = "stand-in") -> int:
    return main(["eval", "bearer_token", "--assistant", assistant, "--out", str(out), *more])


def records(out: Path) -> dict[tuple[str, int], Record]:
    found = [Record.read(path) for path in out.glob("runs/*/*/*/grading.json")]
    return {(record.arm, record.number): record for record in found}


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program named `claude`, first on the PATH: what it does is to be written."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "claude"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return script


def test_two_arms_are_played_graded_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(tmp_path / "out", "--jobs", "2") == 0

    found = records(tmp_path / "out")
    assert found["with", 1].grade.failed == frozenset()
    assert found["without", 1].grade.failed == read_case(CASE).bad_fails
    assert found["with", 1].usage.tokens == 10_500
    assert found["with", 1].changes.files == 2
    assert found["with", 1].changes.added > 20
    run = tmp_path / "out/runs/eval-bearer_token/with_skill/run-1"
    assert "+UserId = " in (run / "changes.diff").read_text()
    assert json.loads((run / "transcript.txt").read_text())["type"] == "result"
    assert {path.name for path in (tmp_path / "out").glob("*.*")} == {
        "eval.json", "evals.json", "benchmark.json", "report.md", "report.json", "report.html",
    }  # fmt: skip
    assert "2/2 bearer_token" in capsys.readouterr().err

    before = {path: path.stat().st_mtime_ns for path in run.iterdir()}
    assert play(tmp_path / "out") == 0
    assert "2 of 2 runs are done" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in run.iterdir()} == before


def test_only_what_is_not_done_is_played(tmp_path: Path) -> None:
    case = read_case(CASE)
    runs = all_runs([case], [Arm(WITH), Arm(WITHOUT)], 2)
    folder = tmp_path / runs[0].folder
    folder.mkdir(parents=True)
    (folder / "transcript.txt").write_text("cut off in the middle")
    assert open_runs(tmp_path, runs) == runs

    main(["eval", "bearer_token", "--assistant", "stand-in", "--out", str(tmp_path), "--arms", "with"])
    assert open_runs(tmp_path, runs) == runs[1:]

    shutil.copytree(CASE, tmp_path / "bearer_token")
    (tmp_path / "bearer_token/prompt.md").write_text("Something else.\n")
    changed = all_runs([read_case(tmp_path / "bearer_token")], [Arm(WITH)], 1)
    assert open_runs(tmp_path, changed) == changed


def test_an_assistant_that_fails_is_no_result(
    tmp_path: Path, program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program.write_text("#!/bin/sh\necho 'not logged in' >&2\nexit 3\n")

    assert play(tmp_path / "out", "--arms", "with", assistant="claude") == 1
    told = capsys.readouterr().err
    assert "not played: bearer_token with 1: the assistant ended with 3 and changed nothing: not logged in" in told
    assert records(tmp_path / "out") == {}

    program.write_text("#!/bin/sh\necho 'x = 1' > more.py\nexit 3\n")
    assert play(tmp_path / "out", "--arms", "with", assistant="claude") == 0
    assert records(tmp_path / "out")["with", 1].exit_code == 3


def test_another_assistant_takes_another_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "eval.json").write_text(json.dumps({"assistant": ["claude", "-p"], "arms": {}}))

    assert play(tmp_path) == 2
    assert "holds runs of 'claude -p': choose another --out" in capsys.readouterr().err


def test_secrets_are_handed_over_and_not_kept(tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret-of-the-test")
    monkeypatch.setenv("SOMETHING_ELSE", "not for assistants")
    program.write_text('#!/bin/sh\nenv\necho "# $ANTHROPIC_API_KEY" >> main.py\necho "$ANTHROPIC_API_KEY" >&2\n')

    assert play(tmp_path / "out", "--arms", "without", assistant="claude") == 0

    kept = "".join(path.read_text() for path in (tmp_path / "out").rglob("*.*") if path.is_file())
    assert "ANTHROPIC_API_KEY=[ANTHROPIC_API_KEY]" in kept
    assert "sk-secret-of-the-test" not in kept
    assert "SOMETHING_ELSE" not in kept
    (home,) = [line for line in kept.splitlines() if line.startswith("HOME=")]
    assert home != f"HOME={Path.home()}"


@pytest.mark.parametrize("arm", [WITH, WITHOUT])
def test_the_pack_is_there_in_one_arm_only(tmp_path: Path, arm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")  # as dev.py does
    workspace = Workspace(tmp_path / "run")
    workspace.prepare(read_case(CASE), Arm(arm), find_assistant("stand-in"))
    looked = find_assistant("sh -c 'fastapi-expert --version; python -c \"import fastapi; print(fastapi.__name__)\"'")

    finished = workspace.play(looked, "", 1, {}, threading.Event())

    installed = (workspace.project / ".claude/skills/fastapi/SKILL.md").is_file()
    assert installed == (arm == WITH)
    assert ("fastapi-expert " in finished.output) == (arm == WITH)
    assert finished.output.endswith("fastapi\n")
    assert workspace.changes().files == 0


def test_what_a_project_is_checked_with_can_be_called(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "run")
    workspace.prepare(read_case(CASE), Arm(WITHOUT), find_assistant("stand-in"))
    called = [f"{name} --version || echo {name} failed" for name in (*PROGRAMS, *BINARIES)]
    called.append("python -m ruff --version || echo python -m ruff failed")

    finished = workspace.play(find_assistant(f"sh -c '{'; '.join(called)}'"), "", 1, {}, threading.Event())

    assert finished.code == 0
    assert "failed" not in finished.output, finished.output


def test_another_pack_has_an_arm_of_its_own(tmp_path: Path) -> None:
    skill = tmp_path / "pack/skills/other/SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_text("---\nname: other\n---\n")
    workspace = Workspace(tmp_path / "run")

    workspace.prepare(read_case(CASE), Arm("other", tmp_path / "pack"), find_assistant("claude"))

    assert [path.parent.name for path in workspace.project.glob(".*/skills/*/SKILL.md")] == ["other", "other"]


def test_time_is_up_for_all_that_was_started(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "run")
    workspace.prepare(read_case(CASE), Arm(WITHOUT), find_assistant("claude"))
    lasting = find_assistant("sh -c '(while :; do echo beat >> beats; sleep 0.05; done) & wait'")

    finished = workspace.play(lasting, "", 0.05, {}, threading.Event())

    assert finished.code is None
    beats = (workspace.project / "beats").read_text()
    assert beats
    time.sleep(0.5)
    assert (workspace.project / "beats").read_text() == beats


def test_a_cancelled_run_leaves_nothing_running(tmp_path: Path, program: Path) -> None:
    beats = tmp_path / "beats"
    program.write_text(f"#!/bin/sh\nwhile :; do echo beat >> {beats}; sleep 0.05; done\n")
    words = ["eval", "bearer_token", "--assistant", "claude", "--out", str(tmp_path / "out")]
    with subprocess.Popen([sys.executable, "-m", "fastapi_expert.cli", *words], stderr=subprocess.PIPE) as running:
        for _ in range(600):
            if beats.exists():
                break
            time.sleep(0.1)
        running.terminate()
        assert running.wait(timeout=60) == 130

    before = beats.read_text()
    time.sleep(0.5)
    assert beats.read_text() == before
    assert records(tmp_path / "out") == {}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["no_such_case", "--assistant", "stand-in"], "there is no case 'no_such_case'"),
        ([], "say who plays with --assistant"),
        (["--assistant", "no-such-program -p"], "there is no program 'no-such-program' on the PATH"),
        (["--assistant", "'"], "No closing quotation"),
        (["--assistant", "stand-in", "--arms", "maybe"], "'maybe' is neither `with` nor `without`"),
        (["--assistant", "stand-in", "--arms", "with,with"], "named twice"),
        (["--assistant", "stand-in", "--arms", "other=/nowhere"], "/nowhere has no folder skills/"),
        (["--assistant", "stand-in", "--repeat", "0"], "'0' is no number from 1 on"),
        (["--report"], "holds no run that is done"),
        (["--list", "--from", "/nowhere"], "/nowhere: no such folder"),
    ],
)
def test_a_misuse_is_one_line(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        status = main(["eval", *arguments])
    except SystemExit as stopped:
        status = int(stopped.code or 0)

    errors = capsys.readouterr().err
    assert status == 2
    assert told in errors
    assert len(errors.splitlines()) == 1
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("case.yaml", "title: [", "case.yaml:1: not valid YAML"),
        ("case.yaml", "title: A case\n", 'case.yaml: "kind" is a required property'),
        ("grade.py", "def check(:\n", "grade.py:1: invalid syntax"),
        ("grade.py", "x = 1\n", "nothing would be looked at"),
        ("grade.py", "async def check_this(trial): ...\n", "grade.py:1: check_this has no docstring"),
        ("grade.py", 'async def check_this(trial):\n    """It is."""\n', "has no such check"),
        ("prompt.md", None, "prompt.md: No such file or directory"),
        ("start", None, "start: missing"),
    ],
)
def test_a_broken_case_is_one_line(
    file: str, text: str | None, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(CASE, tmp_path / "broken")
    place = tmp_path / "broken" / file
    if text is not None:
        place.write_text(text)
    elif place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink()

    assert main(["eval", "--list", "--from", str(tmp_path)]) == 2
    errors = capsys.readouterr().err
    assert told in errors
    assert len(errors.splitlines()) == 1
