"""The command and the templates, from every form in which somebody may have got the pack."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fastapi_expert.cli import main

from . import programs
from .programs import run
from .test_wheel import build, tool, with_wheel

LAUNCHER = "skills/fastapi/scripts/run.py"


def clone(pack: Path, home: Path, project: Path) -> Path:
    return pack


def installed(pack: Path, home: Path, project: Path) -> Path:
    program = [sys.executable, "-m", "fastapi_expert.cli", "install", "--for", "agents"]
    subprocess.run(program, cwd=project, check=True, capture_output=True)
    return project / ".agents"


def claude_plugin(pack: Path, home: Path, project: Path) -> Path:
    for arguments in (["marketplace", "add", str(pack)], ["install", "fastapi-expert@fastapi-expert"]):
        run(["claude", "plugin", *arguments], home, cwd=project)
    return below(home / ".claude/plugins/cache")


def codex_plugin(pack: Path, home: Path, project: Path) -> Path:
    for arguments in (["marketplace", "add", str(pack)], ["add", "fastapi-expert@fastapi-expert"]):
        run(["codex", "plugin", *arguments], home, cwd=project)
    return below(home / ".codex/plugins/cache")


def gemini_extension(pack: Path, home: Path, project: Path) -> Path:
    run(["gemini", "extensions", "install", str(pack), "--consent"], home, cwd=project, given="y\n")
    return below(home / ".gemini/extensions")


def qwen_extension(pack: Path, home: Path, project: Path) -> Path:
    run(["qwen", "extensions", "install", f"{pack}:fastapi-expert", "--consent"], home, cwd=project)
    return below(home / ".qwen/extensions")


def npx_skills(pack: Path, home: Path, project: Path) -> Path:
    run(["skills", "add", str(pack), "--agent", "codex", "--skill", "*", "--yes", "--copy"], home, cwd=project)
    return project / ".agents"


def library_skills(pack: Path, home: Path, project: Path) -> Path:
    with_wheel(project, build(pack))
    tool("library-skills", "install", "--all", "--yes", cwd=project)
    return project / ".agents"


def below(folder: Path) -> Path:
    """The folder that holds the `skills/` somewhere below."""
    [found] = folder.rglob(LAUNCHER)
    return found.parents[3]


FORMS = (
    clone,
    installed,
    claude_plugin,
    codex_plugin,
    gemini_extension,
    qwen_extension,
    npx_skills,
    library_skills,
)


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The service as this clone renders it."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "expected/shop"]) == 0
    return files(tmp_path / "expected/shop")


def launch(root: Path, project: Path, *path: Path) -> subprocess.CompletedProcess[str]:
    """Run what the skills quote, in a project, with only the named folders and the system's on the PATH."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment |= {
        "PATH": os.pathsep.join([*map(str, path), "/usr/bin", "/bin"]),
        "XDG_CACHE_HOME": str(programs.CACHE),
        "UV_CACHE_DIR": str(programs.CACHE / "uv"),
        "UV_SYSTEM_CERTS": "true",
    }
    # The Python below this environment's: what the launcher needs must not be there already.
    python = Path(getattr(sys, "_base_executable", sys.executable))
    return subprocess.run(
        [str(python), str(root / LAUNCHER), "new", "shop"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=programs.RUN_LIMIT_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_the_command_is_within_reach(
    form: Callable[[Path, Path, Path], Path], pack: Path, home: Path, project: Path, expected: dict[str, bytes]
) -> None:
    root = form(pack, home, project)

    done = launch(root, project)

    assert done.returncode == 0, done.stderr
    assert files(project / "shop") == expected
    templates = [root / "skills/fastapi/assets/templates", root / "templates"]
    assert any((folder / "service/app/main.py").is_file() for folder in templates)


def test_uv_will_do_in_place_of_pip(pack: Path, project: Path, expected: dict[str, bytes]) -> None:
    uv = programs.python_folder() / "bin/uv"
    (pack / "only-uv").mkdir()
    (pack / "only-uv/uv").symlink_to(uv)

    done = launch(pack, project, pack / "only-uv")

    assert done.returncode == 0, done.stderr
    assert files(project / "shop") == expected


def test_a_skill_without_its_assets_says_what_is_missing(tmp_path: Path, pack: Path, project: Path) -> None:
    launcher = tmp_path / "alone" / LAUNCHER
    launcher.parent.mkdir(parents=True)
    launcher.write_bytes((pack / LAUNCHER).read_bytes())

    done = launch(tmp_path / "alone", project)

    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "install the skill `fastapi` again" in line
