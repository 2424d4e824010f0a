"""New projects: written whole or not at all, and never over something else."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fastapi_expert.cli import main
from fastapi_expert.pack.location import content_root
from fastapi_expert.render.command import flag_of
from fastapi_expert.render.template import read_template
from fastapi_expert.replacing import replace_file


def tree(folder: Path) -> set[str]:
    """Name everything below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_project_remembers_how_it_began(tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "shop"), "--cors", "off"]) == 0

    manifest = json.loads((tmp_path / "shop/.fastapi-expert/manifest.json").read_text())
    base = zipfile.ZipFile(io.BytesIO((tmp_path / "shop/.fastapi-expert/base.zip").read_bytes()))
    assert (manifest["template"], manifest["name"], manifest["options"]["cors"]) == ("service", "shop", False)
    assert set(base.namelist()) == set(manifest["files"])
    for path, digest in manifest["files"].items():
        content = (tmp_path / "shop" / path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert base.read(path) == content


def test_every_option_is_remembered(tmp_path: Path) -> None:
    fields = ["phone:str?:max=20:unique", 'motto:str:default="a: b"']
    arguments = ["--keys", "integer", "--login", "username", "--no-roles"]

    assert main(["new", str(tmp_path / "shop"), *arguments, *(f"--field={field}" for field in fields)]) == 0

    options = json.loads((tmp_path / "shop/.fastapi-expert/manifest.json").read_text())["options"]
    assert (options["keys"], options["login"], options["roles"], options["fields"]) == (
        *("integer", "username", False),
        fields,
    )
    assert options.keys() == read_template(content_root() / "templates" / "service").defaults().keys()


def test_help_and_list_name_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["new", "--help"])
    usage = capsys.readouterr().out
    assert main(["list"]) == 0
    listing = capsys.readouterr().out

    for options in read_template(content_root() / "templates" / "service").groups().values():
        for option, schema in options.items():
            assert f"{flag_of(option, schema)} " in usage
            assert f"{flag_of(option, schema)}: " in listing


def test_the_same_command_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        main(["new", str(tmp_path / folder / "shop")])

    for path in tree(tmp_path / "a"):
        if (tmp_path / "a" / path).is_file():
            assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes(), path


def test_a_dry_run_names_every_file_and_writes_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "shop"), "--dry-run"]) == 0

    assert tree(tmp_path) == set()
    named = {line.split()[1] for line in capsys.readouterr().out.splitlines()[:-1]}
    main(["new", str(tmp_path / "shop")])
    assert named == {path for path in tree(tmp_path / "shop") if (tmp_path / "shop" / path).is_file()}


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()

    assert main(["new", str(tmp_path / "shop")]) == 0
    assert (tmp_path / "shop/app/main.py").is_file()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/mine.txt").write_text("mine")

    assert main(["new", str(tmp_path / "shop")]) == 2

    assert tree(tmp_path) == {"shop", "shop/mine.txt"}
    assert "exists and is not empty" in capsys.readouterr().err


def failing_at(name: str) -> Callable[[Path, bytes], None]:
    """Replaces files until one of this name comes."""

    def replace_or_fail(file: Path, content: bytes) -> None:
        if file.name == name:
            raise OSError(28, "No space left on device")
        replace_file(file, content)

    return replace_or_fail


def new_repository(folder: Path) -> None:
    for path in (".git/HEAD", ".claude/skills/mine.md", "README.md", "LICENSE"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("mine")


def test_a_new_repository_is_filled_and_what_it_holds_is_asked_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    new_repository(tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    before = tree(tmp_path)

    assert main(["new", "."]) == 2
    assert "README.md in" in capsys.readouterr().err
    assert tree(tmp_path) == before

    assert main(["new", ".", "--force", "--name", "corner-shop"]) == 0
    assert Path("README.md").read_text().startswith("# Corner Shop")
    assert Path("LICENSE").read_text() == "mine"
    assert Path("app/main.py").is_file()


def test_a_run_that_fails_in_a_new_repository_takes_everything_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_repository(tmp_path / "shop")
    before = tree(tmp_path)
    monkeypatch.setattr("fastapi_expert.render.changes.replace_file", failing_at("router.py"))

    assert main(["new", str(tmp_path / "shop"), "--force"]) == 2

    assert tree(tmp_path) == before
    assert (tmp_path / "shop/README.md").read_text() == "mine"


@pytest.mark.parametrize("make", [lambda path: path.write_text("mine"), lambda path: path.symlink_to("nowhere")])
def test_what_is_no_folder_is_left_alone(tmp_path: Path, make: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert callable(make)
    make(tmp_path / "shop")

    assert main(["new", str(tmp_path / "shop")]) == 2
    assert "no folder" in capsys.readouterr().err
    assert tree(tmp_path) == {"shop"}


def test_a_place_that_cannot_be_written_is_said_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")

    assert main(["new", str(tmp_path / "file" / "shop")]) == 2

    assert capsys.readouterr().err.startswith("fastapi-expert new: can't write below")


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_bytes

    def fail_half_way(self: Path, data: bytes) -> int:
        if self.name == "router.py":
            raise KeyboardInterrupt
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", fail_half_way)

    assert main(["new", str(tmp_path / "shop")]) == 130
    assert tree(tmp_path) == set()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["My Shop"], "can't be a name"),
        (["shop", "--cors", "perhaps"], "neither on nor off"),
        (["shop", "--corse"], "unrecognized arguments: --corse"),
        (["shop", "--login", "phone"], "invalid choice: 'phone'"),
        (["shop", "--field", "phone"], "fields: 'phone': has no type"),
        (["shop", "--field", "phone:str", "--field", "phone:int"], "'phone' is there already"),
        (["shop", "--field", "email:email"], "'email' is there already"),
        (["shop", "--field", "bio:text"], "'bio' is there already"),
        (["shop", "--field", "team:ref(teams)"], "'ref' is for resources"),
        (["shop", "--login-path", "login"], 'login_path: "login" does not match'),
        (["shop", "--login-path", "/log in"], "does not match"),
        (["shop", "--register-path", "/{id}"], "does not match"),
        (["shop", "--login-path", "/users"], "register_path and login_path are both '/users'"),
        (["shop", "--me-path", "/users"], 'is not allowed for "/users"'),
        (["shop", "--prefix", "/v1\n"], "does not match"),
        (["shop", "--refresh-token-days", "0"], "refresh_token_days: 0 is less"),
        ([], "NAME"),
    ],
)
def test_a_wrong_argument_is_said_in_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    try:
        status = main(["new", *arguments])
    except SystemExit as stop:
        status = stop.code  # type: ignore[assignment]

    error = capsys.readouterr().err
    assert status == 2
    assert words in error
    assert len(error.splitlines()) == 1
    assert tree(tmp_path) == set()
