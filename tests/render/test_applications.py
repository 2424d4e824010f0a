"""Projects of other people's layouts: where their application is, and where files of ours would go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fastapi_expert.render.applications import application_in, find_applications, home_of, ruff_settings
from fastapi_expert.render.changes import TargetError

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"


def make(root: Path, **files: str) -> Path:
    """Write files, each named by its path without the suffix of Python."""
    for name, text in files.items():
        file = root / (name if "." in Path(name).name else f"{name}.py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


LAYOUTS = {
    "flat": ({"main": APP}, (".", "", "tests/test_core")),
    "package": ({"shop/__init__": "", "shop/main": APP}, (".", "shop", "tests/core")),
    "no __init__": ({"app/main": APP}, (".", "app", "tests/core")),
    "src": (
        {"src/shop/__init__": "", "src/shop/api/__init__": "", "src/shop/api/main": APP},
        ("src", "shop.api", "tests/core"),
    ),
    "src is a package": (
        {"src/__init__": "", "src/app/__init__": "", "src/app/main": APP},
        (".", "src.app", "tests/core"),
    ),
    "nested project": (
        {"backend/requirements.txt": "", "backend/app/main": APP, "backend/tests/__init__": ""},
        ("backend", "app", "backend/tests/core"),
    ),
    "namespace package": (
        {"ns/shop/__init__": "", "ns/shop/main": f"from ns.shop.views import x\n{APP}", "ns/shop/views": ""},
        (".", "ns.shop", "tests/core"),
    ),
    "run where it lies": (
        {"service/main": f"from routers import x\n{APP}", "service/routers/a": ""},
        ("service", "", "tests/test_core"),
    ),
    "made in core": (
        {"shop/__init__": "", "shop/core/__init__": "", "shop/core/setup": APP},
        (".", "shop", "tests/core"),
    ),
    "no package by its name": ({"my-shop/main": APP}, ("my-shop", "", "tests/test_core")),
    "tests are taken": (
        {"shop/__init__": "", "shop/main": APP, "tests/core/test_shop": ""},
        (".", "shop", "tests/test_core"),
    ),
}


@pytest.mark.parametrize(("files", "expected"), LAYOUTS.values(), ids=LAYOUTS)
def test_the_files_go_beside_the_application(
    tmp_path: Path, files: dict[str, str], expected: tuple[str, str, str]
) -> None:
    make(tmp_path, **files)

    applications = find_applications(tmp_path)
    home = home_of(tmp_path, applications, None)

    assert (str(home.source), home.package, str(home.tests)) == expected
    assert application_in(home, applications) == applications[0]


def test_what_is_not_the_project_s_own_is_passed_over(tmp_path: Path) -> None:
    others = (
        "tests/test_main",
        "docs/example",
        "venv/lib/x",
        ".hidden/x",
        "node_modules/x",
        "env2/pyvenv.cfg",
        "env2/x",
    )
    make(tmp_path, **dict.fromkeys(others, APP), main=APP)
    os.mkfifo(tmp_path / "pipe.py")  # who reads it waits for ever

    assert [str(application.path) for application in find_applications(tmp_path)] == ["main.py"]


def test_among_several_the_package_or_the_entrypoint_decides(tmp_path: Path) -> None:
    make(tmp_path, **{"shop/__init__": "", "shop/main": APP, "admin/__init__": "", "admin/main": APP})
    both = find_applications(tmp_path)

    with pytest.raises(TargetError, match=r"there are 2: admin/main.py, shop/main.py; say --package NAME"):
        home_of(tmp_path, both, None)
    home = home_of(tmp_path, both, "shop.patterns")
    assert home.package == "shop.patterns"
    assert application_in(home, both) is None
    shop = application_in(home_of(tmp_path, both, "shop"), both)
    assert shop is not None
    assert str(shop.path) == "shop/main.py"

    make(tmp_path, **{"shop/office/__init__": "", "shop/office/main": APP})
    three = find_applications(tmp_path)
    assert application_in(home_of(tmp_path, three, "shop"), three) == shop

    make(tmp_path, **{"pyproject.toml": '[tool.fastapi]\nentrypoint = "admin.main:app"\n'})
    assert [str(application.path) for application in find_applications(tmp_path)] == ["admin/main.py"]


@pytest.mark.parametrize(
    ("package", "words"),
    [(None, "there is none; say --package"), ("shop", "has no package shop"), ("a-b", "dotted name")],
)
def test_a_place_that_can_not_be_found_is_said_in_a_line(tmp_path: Path, package: str | None, words: str) -> None:
    with pytest.raises(TargetError, match=words) as refused:
        home_of(tmp_path, find_applications(tmp_path), package)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("files", "length"),
    [
        ({}, 88),
        ({"pyproject.toml": "[tool.ruff]\nline-length = 100\n"}, 100),
        ({"pyproject.toml": "[tool.black]\nline-length = 79\n"}, 79),
        ({"ruff.toml": "line-length = 120\n[format]\nquote-style = 'single'\n"}, 120),
    ],
    ids=["nothing", "ruff", "black", "ruff.toml"],
)
def test_the_project_s_own_layout_is_read(tmp_path: Path, files: dict[str, str], length: int) -> None:
    make(tmp_path, main=APP, **files)
    home = home_of(tmp_path, find_applications(tmp_path), None)

    settings = ruff_settings(tmp_path, home)

    assert settings["line-length"] == length
    assert settings.get("format.quote-style") == ("single" if "ruff.toml" in files else None)


def test_a_pyproject_that_is_no_toml_is_said_in_a_line(tmp_path: Path) -> None:
    make(tmp_path, main=APP, **{"pyproject.toml": "[tool"})

    with pytest.raises(TargetError, match=r"pyproject\.toml: can't be read as TOML"):
        find_applications(tmp_path)
