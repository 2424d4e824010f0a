"""The files that make the repository a plugin: they agree with each other, and with the program."""

from __future__ import annotations

import json
from typing import Any

import pytest

import fastapi_expert
from fastapi_expert.pack.location import content_root

ROOT = content_root()


def described(path: str) -> dict[str, Any]:
    """A JSON file of the repository."""
    found: dict[str, Any] = json.loads((ROOT / path).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", [".claude-plugin/plugin.json", "gemini-extension.json"])
def test_a_plugin_has_the_version_of_the_program(path: str) -> None:
    # A client updates a plugin when its version rises.
    assert described(path)["version"] == fastapi_expert.__version__
    assert (
        (ROOT / "CHANGELOG.md")
        .read_text(encoding="utf-8")
        .splitlines()[2]
        .startswith(f"## {fastapi_expert.__version__}")
    )


def test_the_marketplace_offers_the_repository_itself() -> None:
    [plugin] = described(".claude-plugin/marketplace.json")["plugins"]

    assert plugin["source"] == "./"
    assert {plugin["name"], described("gemini-extension.json")["name"]} == {
        described(".claude-plugin/plugin.json")["name"]
    }


def test_no_version_of_the_marketplace_hides_that_of_the_plugin() -> None:
    assert "version" not in described(".claude-plugin/marketplace.json")["plugins"][0]


def test_the_command_of_the_plugin_is_the_launcher_of_the_skill() -> None:
    assert (ROOT / "bin/fastapi-expert").resolve() == (ROOT / "skills/fastapi/scripts/run.py").resolve()
    assert (ROOT / "skills/fastapi/scripts/run.py").stat().st_mode & 0o111
