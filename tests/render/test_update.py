"""A project brought to other options or a newer template: edits are kept, conflicts marked, nothing half done."""

from __future__ import annotations

import json
import shutil
from argparse import Namespace
from pathlib import Path

import pytest

from fastapi_expert.render.changes import State, TargetError, write_changes
from fastapi_expert.render.manifest import Manifest, ManifestError
from fastapi_expert.render.migrations import MigrationError
from fastapi_expert.render.project import plan_project, write_project
from fastapi_expert.render.template import Template, read_template
from fastapi_expert.render.update import plan_update
from fastapi_expert.render.update_command import update

DESCRIPTION = """\
name: tiny
summary: a template for these tests
exemplar: specimen-thing
options:
  type: object
  additionalProperties: false
  properties:
    loud: {type: boolean, default: false, description: shout}
files:
  loud: [voice.py, app/migrations/versions/2_voices.py]
"""
MIGRATION = """\
\"\"\"{name}

Revision: {id}, after {after}
\"\"\"

revision = "{id}"
down_revision = {after!r}
"""
FILES = {
    "template.yaml": DESCRIPTION,
    "main.py": "FIRST = 1\nSECOND = 2\nTHIRD = 3\n# % if loud\nLOUD = True\n# % endif\nFOURTH = 4\nLAST = 6\n",
    "voice.py": "VOICE = 1\n",
    "quiet.txt": "hush\n",
    "app/migrations/versions/1_first.py": MIGRATION.format(name="first", id="one", after=None),
    "app/migrations/versions/2_voices.py": MIGRATION.format(name="voices", id="two", after="one"),
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """The folder of a template with one option."""
    for path, text in FILES.items():
        file = tmp_path / "template" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "template"


@pytest.fixture
def project(tmp_path: Path, template: Path) -> Path:
    """A project rendered from it with the option off."""
    write_project(plan_project(read_template(template), tmp_path / "shop", {}))
    return tmp_path / "shop"


def states(root: Path, template: Path, values: dict[str, object], *, force: bool = False) -> dict[str, State]:
    """Apply a change of options and tell what became of each file, the manifest aside."""
    changes = plan_update(root, read_template(template), values, force=force)
    write_changes(root, changes)
    return {change.path: change.state for change in changes if not change.path.startswith(".fastapi-expert/")}


def run(root: Path, template: Template, **arguments: object) -> int:
    """Run the command on a project."""
    defaults = {"command": "update", "to": root, "dry_run": False, "force": False, "format": "text"}
    return update(template, {"loud": True}, Namespace(**defaults | arguments))


def test_an_option_turned_on_brings_its_files_and_lines_beside_edits(project: Path, template: Path) -> None:
    main = project / "main.py"
    main.write_text(main.read_text().replace("FIRST = 1", "FIRST = 'mine'"))

    changed = states(project, template, {"loud": True})

    assert changed == {
        "main.py": State.MERGE,
        "voice.py": State.CREATE,
        "app/migrations/versions/2_voices.py": State.CREATE,
    }
    assert "FIRST = 'mine'" in main.read_text()
    assert "LOUD = True" in main.read_text()
    assert Manifest.read(project).options == {"loud": True}


def test_the_same_again_changes_nothing(project: Path, template: Path) -> None:
    states(project, template, {"loud": True})

    assert states(project, template, {"loud": True}) == {}
    assert plan_update(project, read_template(template), {}) == []


def test_a_manifest_that_was_edited_is_no_witness(project: Path, template: Path) -> None:
    manifest = project / ".fastapi-expert/manifest.json"
    manifest.write_text(manifest.read_text().replace('"loud": false', '"loud": true'))

    assert states(project, template, {})["main.py"] is State.UPDATE
    assert "LOUD = True" in (project / "main.py").read_text()


def test_an_option_turned_off_takes_its_files_away_but_no_migration(project: Path, template: Path) -> None:
    states(project, template, {"loud": True})

    changed = states(project, template, {"loud": False})

    assert changed == {"main.py": State.UPDATE, "voice.py": State.DELETE}
    assert not (project / "voice.py").exists()
    assert (project / "app/migrations/versions/2_voices.py").exists()
    assert states(project, template, {"loud": True}) == {"main.py": State.UPDATE, "voice.py": State.CREATE}


def test_a_file_that_should_go_and_was_edited_is_kept_and_told(project: Path, template: Path) -> None:
    states(project, template, {"loud": True})
    (project / "voice.py").write_text("VOICE = 'mine'\n")

    assert states(project, template, {"loud": False})["voice.py"] is State.KEEP
    assert (project / "voice.py").read_text() == "VOICE = 'mine'\n"


def test_a_newer_template_is_merged_and_a_true_conflict_marked(
    project: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = FILES["main.py"].replace("FIRST = 1", "FIRST = 10").replace("LAST = 6", "LAST = 60")
    (template / "main.py").write_text(newer)
    (template / "quiet.txt").write_text("silence\n")
    main = project / "main.py"
    main.write_text(main.read_text().replace("FIRST = 1", "FIRST = 'mine'"))

    status = run(project, read_template(template), format="json")

    assert status == 1
    report = json.loads(capsys.readouterr().out)
    assert {"path": "main.py", "state": "conflict"} in report["changes"]
    assert any("main.py" in step for step in report["to_do"])
    text = main.read_text()
    assert "<<<<<<< yours\nFIRST = 'mine'\n=======\nFIRST = 10\n>>>>>>> template\n" in text
    assert "LAST = 60" in text
    assert (project / "quiet.txt").read_text() == "silence\n"


def test_what_the_user_deleted_stays_deleted(project: Path, template: Path) -> None:
    (project / "quiet.txt").unlink()
    (template / "quiet.txt").write_text("silence\n")

    assert states(project, template, {}) == {}
    assert not (project / "quiet.txt").exists()


def test_a_file_in_the_way_is_shown_and_nothing_is_written(
    project: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "voice.py").write_text("VOICE = 'mine'\n")
    before = {file: file.read_bytes() for file in project.rglob("*") if file.is_file()}

    assert run(project, read_template(template)) == 2

    said = capsys.readouterr()
    assert "-VOICE = 'mine'" in said.out
    assert "+VOICE = 1" in said.out
    assert len(said.err.splitlines()) == 1
    assert {file: file.read_bytes() for file in project.rglob("*") if file.is_file()} == before
    assert states(project, template, {"loud": True}, force=True)["voice.py"] is State.UPDATE
    assert (project / "voice.py").read_text() == "VOICE = 1\n"


def test_a_dry_run_shows_each_change_and_writes_nothing(
    project: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {file: file.read_bytes() for file in project.rglob("*") if file.is_file()}

    assert run(project, read_template(template), dry_run=True) == 0

    shown = capsys.readouterr().out
    assert "--- a/main.py\n+++ b/main.py\n" in shown
    assert "--- /dev/null\n+++ b/voice.py\n" in shown
    assert ".fastapi-expert" not in shown
    assert {file: file.read_bytes() for file in project.rglob("*") if file.is_file()} == before


def test_line_ends_of_windows_stay(project: Path, template: Path) -> None:
    (project / "main.py").write_text((project / "main.py").read_text().replace("FIRST = 1", "FIRST = 'mine'"))
    for file in written(project):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    changed = states(project, template, {"loud": True})

    assert changed["main.py"] is State.MERGE
    assert b"LOUD = True\r\n" in (project / "main.py").read_bytes()
    new = {"voice.py", "app/migrations/versions/2_voices.py"}
    assert {changed[path] for path in new} == {State.CREATE}
    for text in (file.read_bytes() for file in written(project)):
        assert text.count(b"\n") == text.count(b"\r\n")
    assert states(project, template, {"loud": False})["voice.py"] is State.DELETE


def written(project: Path) -> list[Path]:
    """The files of a project that people write."""
    return [file for file in project.rglob("*") if file.is_file() and ".fastapi-expert" not in file.parts]


def test_a_migration_that_comes_later_goes_to_the_end_of_the_line(project: Path, template: Path) -> None:
    own = MIGRATION.format(name="mine", id="mine", after="one")
    (project / "app/migrations/versions/mine.py").write_text(own)

    states(project, template, {"loud": True})

    text = (project / "app/migrations/versions/2_voices.py").read_text()
    assert 'down_revision = "mine"' in text
    assert "Revision: two, after mine" in text


def test_migrations_with_several_ends_are_refused(project: Path, template: Path) -> None:
    for name in ("mine", "other"):
        own = MIGRATION.format(name=name, id=name, after="one")
        (project / f"app/migrations/versions/{name}.py").write_text(own)

    with pytest.raises(MigrationError, match="mine and other: run `alembic merge heads`"):
        plan_update(project, read_template(template), {"loud": True})


def test_a_failure_half_way_leaves_the_project_as_it_was(
    project: Path, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {file: file.read_bytes() for file in project.rglob("*") if file.is_file()}
    changes = plan_update(project, read_template(template), {"loud": True})
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if target.name == "manifest.json":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(TargetError, match="No space left"):
        write_changes(project, changes)

    assert {file: file.read_bytes() for file in project.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize("damage", ["no manifest", "no base", "broken manifest", "other base"])
def test_a_manifest_that_is_missing_or_damaged_is_said_in_a_line(
    project: Path, template: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project / ".fastapi-expert"
    match damage:
        case "no manifest":
            shutil.rmtree(folder)
        case "no base":
            (folder / "base.zip").unlink()
        case "broken manifest":
            (folder / "manifest.json").write_text("{")
        case "other base":
            manifest = json.loads((folder / "manifest.json").read_text())
            manifest["files"]["main.py"] = "0" * 64
            (folder / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(ManifestError):
        Manifest.read(project)
    assert run(project, read_template(template)) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
