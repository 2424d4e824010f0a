"""The pack as somebody gets it, broken copies of it, and a home in which nothing was ever set up."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lacking import lacking

from . import programs

ROOT = Path(__file__).parents[2]
AGENT = "fastapi-backend-expert"
SKILLS = sorted(path.parent.name for path in ROOT.glob("skills/*/SKILL.md"))

Install = Callable[..., Path]


@pytest.fixture(scope="session", autouse=True)
def _installed() -> None:
    try:
        programs.npm_folder()
        programs.environment(Path())
    except programs.NotInstalledError as error:
        lacking(f"the assistants can't be installed here: {error}")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The repository as it would be cloned now: what git has or would add, links as links."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    folder = tmp_path / "fastapi-expert"
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_symlink() or (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of somebody's, a git repository."""
    folder = tmp_path / "project"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


@pytest.fixture
def install(project: Path) -> Install:
    """Install the pack into the project for the named assistant; the answer is the project."""

    def installed(assistant: str) -> Path:
        program = [sys.executable, "-m", "fastapi_expert.cli", "install", "--for", assistant]
        subprocess.run(program, cwd=project, check=True, capture_output=True)
        return project

    return installed


def replace(file: Path, old: str, new: str) -> None:
    """Break a file, by a text that is surely in it."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
