"""The validator as people run it: arguments in; report, exit code and mended files out."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fastapi_expert.cli import main
from fastapi_expert.lint.fix import write
from fastapi_expert.lint.samples import AGENT, AGENT_PATH, SKILL, SKILL_PATH, agent, house, skill
from tests.pack.laying import lay

ROOT = Path(__file__).resolve().parents[2]
COLON = SKILL.replace("by name.", "by name: x.")
QUOTED = SKILL.replace(
    "Greets people by name. Use when someone is to be greeted.",
    '"Greets people by name: x. Use when someone is to be greeted."',
)


def lint(*arguments: str | Path) -> int:
    return main(["lint", *map(str, arguments)])


def validate(*arguments: str | Path, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *flags, str(ROOT / "validate.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def reported(output: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(output)
    return report


class TestExitCodes:
    def test_a_clean_pack_is_0(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert lint(lay(tmp_path, house())) == 0
        assert capsys.readouterr().out == "3 files checked: no findings\n"

    @pytest.mark.parametrize("text", [COLON, SKILL.replace("name: greeting", "name: other")])
    def test_a_finding_of_any_severity_is_1(self, tmp_path: Path, text: str) -> None:
        assert lint(lay(tmp_path, skill(text))) == 1

    @pytest.mark.parametrize(
        "arguments",
        [
            ["nowhere"],
            ["program.py"],
            ["empty"],
            [".", "--select", "XX"],
            [".", "--ignore", "FM9"],
            [".", "--unsafe"],
            [".", "--explain", "XX001"],
            [".", "--baseline", "nowhere.json"],
            [".", "--config", "nowhere.toml"],
            ["skills", "--stdin-filename", "agents/greeter.md"],
            ["skills", "nowhere"],
        ],
    )
    def test_misuse_is_2_and_one_line_that_says_why(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        arguments: list[str],
    ) -> None:
        lay(tmp_path, skill(SKILL) | {"program.py": "", "empty/notes.txt": ""})
        monkeypatch.chdir(tmp_path)

        assert lint(*arguments) == 2

        output = capsys.readouterr()
        assert output.out == ""
        assert output.err.startswith("error: ")
        assert output.err.count("\n") == 1
        assert "Errno" not in output.err

    def test_without_a_path_the_working_directory_is_checked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(lay(tmp_path, skill(COLON)))

        assert lint() == 1
        assert capsys.readouterr().out.startswith(f"{SKILL_PATH}:3:35 error FM006 ")

    def test_rules_can_be_chosen(self, tmp_path: Path) -> None:
        lay(tmp_path, skill(COLON))

        assert lint(tmp_path, "--select", "LK,st") == 0
        assert lint(tmp_path, "--ignore", "FM006") == 0
        assert lint(tmp_path, "--select", "fm", "--ignore", "FM001,FM002") == 1


class TestReports:
    def test_text_shows_the_place_the_line_and_a_way_out(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(lay(tmp_path, skill(COLON) | agent(AGENT.replace("name: greeter", "name: other"))))

        lint(".")

        of_agent, of_skill, summary = capsys.readouterr().out.split("\n\n")
        head, source, caret, help_ = of_skill.split("\n")
        assert head.startswith(f"{SKILL_PATH}:3:35 error FM006 ")
        assert source.endswith("by name: x. Use when someone is to be greeted.")
        assert source[caret.index("^")] == ":"
        assert help_ == "  help: put the whole value in quotes (--fix does it)"
        assert of_agent.startswith(f"{AGENT_PATH}:2:7 warning FM013 ")
        assert of_agent.endswith("(--fix --unsafe does it)")
        assert summary == "2 files checked: 1 error, 1 warning\n"

    def test_the_caret_stays_under_its_character_in_a_long_line(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lay(tmp_path, skill(f"{SKILL}\n{'word ' * 100}\t\u00e9 [a](none.md){' word' * 100}\n"))

        lint(tmp_path)

        _, source, caret, *_ = capsys.readouterr().out.split("\n")
        assert source[caret.index("^") :].startswith("[a](none.md)")
        assert len(source) < 140

    def test_json_holds_the_same(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        lay(tmp_path, skill(COLON))

        assert lint(tmp_path, "--format", "json") == 1

        report = reported(capsys.readouterr().out)
        (finding,) = report["findings"]
        assert (report["version"], report["checked"], report["fixed"]) == (1, 1, 0)
        assert {key: finding[key] for key in ("path", "line", "column", "rule", "severity")} == {
            "path": str(tmp_path / SKILL_PATH),
            "line": 3,
            "column": 35,
            "rule": "FM006",
            "severity": "error",
        }
        (edit,) = finding["fix"]["edits"]
        assert COLON[: edit["start"]] + edit["text"] + COLON[edit["end"] :] == QUOTED

    def test_json_of_a_clean_pack_has_no_findings(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert lint(lay(tmp_path, skill(SKILL)), "--format", "json") == 0
        assert reported(capsys.readouterr().out)["findings"] == []

    def test_a_file_cannot_write_to_the_terminal(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        text = SKILL.replace("name: greeting", 'name: "\x1b[2J\\e[2J"') + "\n[\x1b]0;x\x07](none.md)\n"
        lay(tmp_path, skill(text))

        assert lint(tmp_path) == 1
        assert "\x1b" not in capsys.readouterr().out

    def test_colours_are_for_terminals(self, tmp_path: Path) -> None:
        lay(tmp_path, skill(COLON))
        command = [sys.executable, str(ROOT / "validate.py"), str(tmp_path)]
        environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}

        def on_a_terminal(**extra: str) -> bytes:
            ours, theirs = pty.openpty()
            process = subprocess.Popen(command, stdout=theirs, env=environment | extra)
            os.close(theirs)
            output = b""
            while chunk := _read(ours):
                output += chunk
            os.close(ours)
            assert process.wait(60) == 1
            return output

        assert b"\x1b[31merror\x1b[0m" in on_a_terminal()
        assert b"\x1b" not in on_a_terminal(NO_COLOR="1")
        assert "\x1b" not in validate(tmp_path).stdout

    def test_an_ascii_terminal_gets_escapes(self, tmp_path: Path) -> None:
        lay(tmp_path, skill(f"{SKILL}\n\u00e9 [a](none.md)\n"))
        environment = os.environ | {"PYTHONIOENCODING": "ascii"}
        command = [sys.executable, str(ROOT / "validate.py"), str(tmp_path)]

        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)

        assert (done.returncode, done.stderr) == (1, "")
        assert "\\xe9" in done.stdout

    def test_a_reader_that_leaves_early_is_no_fault(self, tmp_path: Path) -> None:
        lay(tmp_path, skill(SKILL + "\n[a](none.md)" * 20_000))
        command = [sys.executable, str(ROOT / "validate.py"), str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stderr is not None

        process.stdout.readline()
        process.stdout.close()

        assert process.stderr.read() == b""
        assert process.wait(60) == 1
        process.stderr.close()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux says so where the other side of a terminal has been closed
        return b""


class TestFixes:
    def test_fixes_are_written_and_the_rest_is_reported(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lay(tmp_path, skill("\ufeff" + COLON + "\n[a](none.md)\n"))

        assert lint(tmp_path, "--fix", "--format", "json") == 1

        report = reported(capsys.readouterr().out)
        assert [finding["rule"] for finding in report["findings"]] == ["LK003"]
        assert report["fixed"] == 1
        assert (tmp_path / SKILL_PATH).read_text() == QUOTED + "\n[a](none.md)\n"

    def test_everything_mended_is_0(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert lint(lay(tmp_path, skill(COLON)), "--fix") == 0
        assert capsys.readouterr().out == "1 file checked: no findings; 1 file mended\n"

    def test_windows_line_ends_stay(self, tmp_path: Path) -> None:
        text = "\ufeff" + COLON.replace("\n", "\r\n").replace("---\r\n#", "metadata:\r\n\ta: b\r\n---\r\n#")
        lay(tmp_path, skill(text))

        assert lint(tmp_path, "--fix", "--ignore", "FI007") == 0

        expected = QUOTED.replace("---\n#", "metadata:\n  a: b\n---\n#").replace("\n", "\r\n")
        assert (tmp_path / SKILL_PATH).read_bytes() == expected.encode()

    def test_only_a_rule_that_was_chosen_mends(self, tmp_path: Path) -> None:
        lay(tmp_path, skill("\ufeff" + COLON))

        assert lint(tmp_path, "--fix", "--select", "FI") == 0
        assert (tmp_path / SKILL_PATH).read_text() == COLON

    def test_diff_writes_nothing(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        lay(tmp_path, skill(COLON) | agent(AGENT))
        old, new = (text.split("\n")[2] for text in (COLON, QUOTED))

        assert lint(tmp_path, "--diff") == 1

        lines = capsys.readouterr().out.split("\n")
        assert [line for line in lines if line.startswith(("-", "+")) and "SKILL.md" not in line] == [
            f"-{old}",
            f"+{new}",
        ]
        assert (tmp_path / SKILL_PATH).read_text() == COLON

    def test_the_diff_can_be_applied(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        lay(tmp_path, skill(COLON.rstrip("\n")) | agent(AGENT.replace("model:", "modle:").replace("\n", "\r\n")))
        monkeypatch.chdir(tmp_path)
        diff = subprocess.run(
            [sys.executable, ROOT / "validate.py", ".", "--diff"], capture_output=True, check=False
        ).stdout

        subprocess.run(["git", "apply", "-"], input=diff, check=True)

        assert (tmp_path / SKILL_PATH).read_text() == QUOTED.rstrip("\n")
        assert (tmp_path / AGENT_PATH).read_bytes() == AGENT.replace("\n", "\r\n").encode()

    def test_a_file_that_is_not_utf8_is_never_written(self, tmp_path: Path) -> None:
        raw = COLON.encode() + b"\xe5\n"
        lay(tmp_path, {SKILL_PATH: raw})

        assert lint(tmp_path, "--fix") == 1
        assert (tmp_path / SKILL_PATH).read_bytes() == raw

    def test_a_link_stays_a_link_and_a_mode_stays_a_mode(self, tmp_path: Path) -> None:
        lay(tmp_path, {"shared/SKILL.md": COLON})
        (tmp_path / "shared" / "SKILL.md").chmod(0o640)
        link = tmp_path / SKILL_PATH
        link.parent.mkdir(parents=True)
        link.symlink_to("../../shared/SKILL.md")

        assert lint(link, "--fix") == 0

        assert link.is_symlink()
        assert link.read_text() == QUOTED
        assert link.stat().st_mode & 0o777 == 0o640

    def test_a_write_that_fails_leaves_the_file_and_nothing_beside_it(self, tmp_path: Path) -> None:
        lay(tmp_path, {"a.md": "old"})

        with pytest.raises(UnicodeEncodeError):
            write({tmp_path / "a.md": "new \ud800"})

        assert (tmp_path / "a.md").read_text() == "old"
        assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


class TestExplain:
    @pytest.mark.parametrize("arguments", [["explain", "fm006"], ["lint", "--explain", "FM006"]])
    def test_a_rule_is_explained_with_both_samples(
        self, arguments: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(arguments) == 0

        output = capsys.readouterr().out
        assert output.startswith("FM006 (error): ")
        assert "Wrong, skills/greeting/SKILL.md:" in output
        assert "Right, skills/greeting/SKILL.md:" in output
        assert "templates" not in output

    def test_an_unknown_rule_is_misuse(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["explain", "FM999"]) == 2
        assert "FM006" in capsys.readouterr().err


class TestValidate:
    def test_a_path_is_checked(self, tmp_path: Path) -> None:
        done = validate(lay(tmp_path, skill(COLON)), "--format", "json")

        assert done.returncode == 1
        assert [finding["rule"] for finding in reported(done.stdout)["findings"]] == ["FM006"]

    def test_without_a_path_the_clone_is_checked(self) -> None:
        report = reported(validate("--format", "json").stdout)

        assert report["checked"] > 11

    def test_wrong_arguments_are_one_line(self) -> None:
        done = validate("--bogus")

        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1

    def test_without_the_libraries_it_says_what_to_run(self, tmp_path: Path) -> None:
        done = validate(tmp_path, flags=("-I", "-S"))

        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        assert "python3 dev.py check" in done.stderr
