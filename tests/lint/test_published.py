"""What others build on: the rule pages, the schemas, the pre-commit hook and the action."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from fastapi_expert.lint.pages import pages
from fastapi_expert.lint.samples import AGENT, SKILL, SKILL_PATH, skill
from tests.pack.laying import lay

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = sorted((ROOT / "src/fastapi_expert/lint/schemas").glob("*.json"))


def test_the_pages_say_what_the_rules_say() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs/rules").glob("*.md")}

    assert kept == pages(), "run: python3 dev.py python -m fastapi_expert.lint.pages docs/rules"


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_schema_is_one_and_has_a_name(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:fastapi-expert:schema:{path.name.partition('.')[0]}:1"
    assert schema["title"]


@pytest.mark.parametrize(("name", "text"), [("agent", AGENT), ("skill", SKILL)])
def test_an_editor_can_judge_frontmatter_by_a_schema(name: str, text: str) -> None:
    schema = json.loads((ROOT / f"src/fastapi_expert/lint/schemas/{name}.schema.json").read_text(encoding="utf-8"))
    fields = yaml.safe_load(text.split("---\n")[1])

    assert list(Draft202012Validator(schema).iter_errors(fields)) == []
    assert list(Draft202012Validator(schema).iter_errors(fields | {"modle": "x"})) != []


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


@pytest.mark.skipif(shutil.which("bash") is None, reason="an action's steps are bash")
class TestAction:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))

    def run(self, folder: Path, paths: str, arguments: str = "") -> subprocess.CompletedProcess[str]:
        step = next(step for step in self.action["runs"]["steps"] if step.get("name") == "lint")
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"PATH": programs, "LINT_PATHS": paths, "LINT_ARGUMENTS": arguments}
        command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    def test_it_shows_findings_beside_their_lines_and_fails(self, tmp_path: Path) -> None:
        done = self.run(lay(tmp_path, skill(SKILL.replace("by name.", "by name: x."))), ".")

        assert done.returncode == 1
        assert done.stdout.startswith(f"::error file={SKILL_PATH},line=3,col=35,title=FM006::")

    def test_its_inputs_are_arguments_and_never_commands(self, tmp_path: Path) -> None:
        lay(tmp_path, skill(SKILL))

        done = self.run(tmp_path, "skills $(touch owned) ; touch owned", "--select FM")

        assert done.returncode == 2
        assert not (tmp_path / "owned").exists()
        assert self.run(tmp_path, "skills", "--select FM").returncode == 0

    def test_every_input_is_used(self) -> None:
        text = (ROOT / "action.yml").read_text(encoding="utf-8")

        for name in self.action["inputs"]:
            assert f"${{{{ inputs.{name} }}}}" in text
