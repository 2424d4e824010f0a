"""The wheel: library-skills lists its ten skills, and its program works in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from .conftest import AGENT, SKILLS
from .programs import CACHE, RUN_LIMIT_SECONDS, python_folder


def tool(name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment that `requirements.txt` fills."""
    environment = os.environ | {"UV_CACHE_DIR": str(CACHE / "uv"), "UV_SYSTEM_CERTS": "true"}
    return subprocess.run(
        [str(python_folder() / "bin" / name), *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_LIMIT_SECONDS,
        check=False,
    )


def build(pack: Path, target: str = "wheel") -> Path:
    """The wheel or the sdist of a pack."""
    built = tool("hatchling", "build", "-t", target, cwd=pack)
    assert built.returncode == 0, built.stderr
    [made] = (pack / "dist").glob("*.whl" if target == "wheel" else "*.tar.gz")
    return made


def with_wheel(project: Path, wheel: Path, *options: str) -> Path:
    """A project whose `.venv` holds the wheel."""
    (project / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "1"\ndependencies = ["fastapi-expert"]\n'
    )
    assert tool("uv", "venv", "--python", sys.executable, ".venv", cwd=project).returncode == 0
    python = str(project / ".venv/bin/python")
    done = tool("uv", "pip", "install", "--python", python, *options, str(wheel), cwd=project)
    assert done.returncode == 0, done.stderr
    return project


def listed(project: Path) -> list[str]:
    """The skills that library-skills finds in the project's environment."""
    done = tool("library-skills", "scan", "--json", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(skill["name"] for skill in json.loads(done.stdout)["skills"])


def test_library_skills_lists_and_links_the_ten(project: Path, pack: Path) -> None:
    with_wheel(project, build(pack), "--no-deps")

    assert listed(project) == SKILLS
    assert tool("library-skills", "install", "--all", "--yes", cwd=project).returncode == 0
    assert sorted(path.name for path in (project / ".agents/skills").iterdir()) == SKILLS
    assert (project / ".agents/skills/fastapi/assets/templates/service/app/main.py").is_file()


def test_it_finds_none_where_the_wheel_has_them_elsewhere(project: Path, pack: Path) -> None:
    description = pack / "pyproject.toml"
    description.write_text(description.read_text().replace("fastapi_expert/.agents/", "fastapi_expert/content/"))

    assert listed(with_wheel(project, build(pack), "--no-deps")) == []


def test_the_program_works_where_only_the_wheel_is(project: Path, pack: Path) -> None:
    with_wheel(project, build(pack))

    def program(*arguments: str) -> str:
        command = [str(project / ".venv/bin/fastapi-expert"), *arguments]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert all(skill in program("list") for skill in SKILLS)
    program("new", "shop")
    assert (project / "shop/app/main.py").is_file()
    program("install", "--for", "claude")
    assert (project / f".claude/agents/{AGENT}.md").read_bytes() == (pack / f"agents/{AGENT}.md").read_bytes()
    assert (project / ".claude/skills/fastapi/assets/templates/service/app/main.py").is_file()
    assert "no findings" in program("lint", ".claude")


def test_a_wheel_made_of_the_sdist_is_the_same(tmp_path: Path, pack: Path) -> None:
    sdist = build(pack, "sdist")
    unpacked = tmp_path / "unpacked"
    subprocess.run([sys.executable, "-m", "tarfile", "-e", str(sdist), str(unpacked)], check=True)
    [source] = unpacked.iterdir()

    direct, again = (sorted(zipfile.ZipFile(build(folder)).namelist()) for folder in (pack, source))

    assert direct == again


def test_what_tools_left_behind_stays_out_of_the_wheel(pack: Path) -> None:
    for name in (".data/postgres/base", ".venv/pyvenv.cfg", "app/__pycache__/main.pyc"):
        file = pack / "templates/service" / name
        file.parent.mkdir(parents=True)
        file.touch()

    names = zipfile.ZipFile(build(pack)).namelist()

    assert any(name.endswith("service/app/main.py") for name in names)
    assert not [name for name in names if {".data", ".venv", "__pycache__"} & set(name.split("/"))]
