"""Python after an option took lines out."""

from __future__ import annotations

import pytest

from fastapi_expert.render.tidy import TidyError, tidy


def test_imports_that_are_left_over_go_and_blank_lines_are_mended() -> None:
    files = {"a.py": "import json\nimport os\n\n\n\n\ndef f() -> str:\n    return os.sep\n", "README.md": "a\n\n\n\nb"}

    assert tidy(files) == {"a.py": "import os\n\n\ndef f() -> str:\n    return os.sep\n", "README.md": "a\n\n\n\nb"}


def test_the_project_configures_its_own_formatter() -> None:
    files = {"pyproject.toml": "[tool.ruff.format]\nquote-style = 'single'\n", "a.py": 'a = "b"\n'}

    assert tidy(files)["a.py"] == "a = 'b'\n"


def test_what_lies_beside_is_the_projects_own() -> None:
    lines = ["import fastapi\n", "from app.core.errors import AppError\n", "A = (AppError, fastapi)\n"]

    tidied = tidy({"app/a.py": "".join(lines)}, beside=["app/core/errors.py"])

    assert tidied == {"app/a.py": "\n".join(lines)}


def test_python_that_does_not_parse_is_named() -> None:
    with pytest.raises(TidyError, match=r"broken\.py"):
        tidy({"broken.py": "def f(:\n"})
