"""What others build on: the rule pages, the schemas, the pre-commit hook and the action."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml
from jsonschema_rs import Draft202012Validator, meta

from fastapi_expert.lint.pages import pages
from fastapi_expert.lint.samples import AGENT, SKILL, SKILL_PATH, skill
from tests.pack.laying import lay

ROOT = Path(__file__).resolve().parents[2]
GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com")
SCHEMAS = sorted((ROOT / "src/fastapi_expert/lint/schemas").glob("*.json"))


def test_the_pages_say_what_the_rules_say() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs/rules").glob("*.md")}

    assert kept == pages(), "run: python3 dev.py python -m fastapi_expert.lint.pages docs/rules"


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_schema_is_one_and_has_a_name(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))

    meta.validate(schema)
    assert schema["$id"] == f"urn:fastapi-expert:schema:{path.name.partition('.')[0]}:1"
    assert schema["title"]


@pytest.mark.parametrize(("name", "text"), [("agent", AGENT), ("skill", SKILL)])
def test_an_editor_can_judge_frontmatter_by_a_schema(name: str, text: str) -> None:
    schema = json.loads((ROOT / f"src/fastapi_expert/lint/schemas/{name}.schema.json").read_text(encoding="utf-8"))
    fields = yaml.safe_load(text.split("---\n")[1])

    assert list(Draft202012Validator(schema).iter_errors(fields)) == []
    assert list(Draft202012Validator(schema).iter_errors(fields | {"modle": "x"})) != []


def as_it_lies(folder: Path) -> Path:
    """A copy of this repository with what is not yet committed."""
    listed = subprocess.check_output([*GIT, "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, text=True)
    for name in listed.rstrip("\0").split("\0"):
        if not os.path.lexists(ROOT / name):
            continue  # deleted, and not yet committed
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    return folder


class TestPreCommitHook:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    @pytest.mark.parametrize(
        ("path", "taken"),
        [
            ("skills/a/SKILL.md", True),
            ("SKILL.md", True),
            (".claude/agents/a.md", True),
            (".claude/agents/more/a.md", True),
            (".github/agents/a.agent.md", True),
            ("skills/a/references/b.md", True),
            (".claude-plugin/plugin.json", True),
            ("templates/service/template.yaml", True),
            ("README.md", False),
            ("agents/README.md", False),
            ("docs/guide.md", False),
            ("src/app.py", False),
        ],
    )
    def test_it_takes_the_files_of_a_pack(self, path: str, taken: bool) -> None:
        chosen = re.search(self.hook["files"], path) and not re.search(self.hook["exclude"], path)

        assert bool(chosen) is taken

    def test_its_command_judges_the_files_that_it_is_given(self, tmp_path: Path) -> None:
        lay(tmp_path, skill(SKILL.replace("by name.", "by name: x.")))
        program, *arguments = self.hook["entry"].split()

        done = subprocess.run(
            [Path(sys.executable).with_name(program), *arguments, SKILL_PATH],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 1
        assert f"{SKILL_PATH}:3:35 error FM006" in done.stdout

    @pytest.mark.skipif(not (ROOT / ".git").exists(), reason="pre-commit takes hooks from repositories of git")
    def test_pre_commit_installs_and_runs_it(self, tmp_path: Path) -> None:
        project = lay(
            tmp_path / "project", skill(SKILL.replace("by name.", "by name: x.")) | {"docs/a.md": "[a](b.md)"}
        )
        for folder in (project, as_it_lies(tmp_path / "clone")):
            for command in (("init",), ("add", "."), ("commit", "--message=all")):
                subprocess.run([*GIT, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)

        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "try-repo", tmp_path / "clone", self.hook["id"], "--all-files"],
            cwd=project,
            env=os.environ | {"PRE_COMMIT_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 1, done.stderr
        assert f"{SKILL_PATH}:3:35 error FM006" in done.stdout
        assert "1 file checked: 1 error" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="an action's steps are bash")
class TestAction:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))

    def step(self, name: str, folder: Path, programs: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run a step as the runner of GitHub does, with its expressions filled in."""
        step = next(step for step in self.action["runs"]["steps"] if step.get("name") == name)
        values = {f"inputs.{key}": each["default"] for key, each in self.action["inputs"].items()}
        values |= {f"inputs.{key}": value for key, value in inputs.items()} | {"github.action_path": str(ROOT)}
        filled = {
            key: re.sub(r"\$\{\{ (\S+) \}\}", lambda match: values[match[1]], text) for key, text in step["env"].items()
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=folder,
            env=os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"} | filled,
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
        return self.step("lint", folder, Path(sys.executable).parent, **inputs)

    def test_its_steps_install_and_lint(self, tmp_path: Path) -> None:
        project = lay(tmp_path / "project", skill(SKILL.replace("by name.", "by name: x.")))
        venv.create(tmp_path / "python", with_pip=True)
        programs = tmp_path / "python" / "bin"

        installed, linted = (self.step(name, project, programs) for name in ("install", "lint"))

        assert installed.returncode == 0, installed.stderr
        assert linted.returncode == 1
        assert linted.stdout.startswith(f"::error file={SKILL_PATH},line=3,col=35,title=FM006::")

    def test_it_shows_findings_beside_their_lines_and_fails(self, tmp_path: Path) -> None:
        done = self.run(lay(tmp_path, skill(SKILL.replace("by name.", "by name: x."))))

        assert done.returncode == 1
        assert done.stdout.startswith(f"::error file={SKILL_PATH},line=3,col=35,title=FM006::")

    def test_its_inputs_are_arguments_and_never_commands(self, tmp_path: Path) -> None:
        lay(tmp_path, skill(SKILL))

        done = self.run(tmp_path, paths="skills $(touch owned) ; touch owned", arguments="--select FM")

        assert done.returncode == 2
        assert not (tmp_path / "owned").exists()
        assert self.run(tmp_path, paths="skills", arguments="--select FM").returncode == 0

    def test_every_input_is_used(self) -> None:
        text = (ROOT / "action.yml").read_text(encoding="utf-8")

        for name in self.action["inputs"]:
            assert f"${{{{ inputs.{name} }}}}" in text
