"""Locked requirements after an option took a dependency away: what nothing needs any more goes too."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping

_ENTRY = re.compile(r"^(?=[a-z0-9][a-z0-9._-]*==)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PARENT = re.compile(r"^    # (?:via |  )(\S.*)$", re.MULTILINE)


def prune_locks(files: Mapping[str, str]) -> dict[str, str]:
    """Give the same files with each `requirements*.txt` reduced to what `pyproject.toml` still leads to.

    The comments that `uv pip compile` writes say which requirement another came by.

    Args:
        files: relative POSIX path to text.
    """
    if "pyproject.toml" not in files:
        return dict(files)
    wanted = _wanted(tomllib.loads(files["pyproject.toml"]))
    is_lock = re.compile(r"requirements[^/]*\.txt").fullmatch
    return {path: _pruned(text, wanted) if is_lock(path) else text for path, text in files.items()}


def _wanted(project: Mapping[str, dict[str, list[str]]]) -> set[str]:
    groups = [project["project"]["dependencies"], *project.get("dependency-groups", {}).values()]
    return {_normal(requirement) for group in groups for requirement in group}


def _normal(requirement: str) -> str:
    match = _NAME.match(requirement)
    return re.sub(r"[._-]+", "-", match[0]).lower() if match else ""


def _pruned(lock: str, wanted: Iterable[str]) -> str:
    head, *entries = _ENTRY.split(lock)
    parents = {_normal(entry): {_normal(parent) for parent in _PARENT.findall(entry)} for entry in entries}
    kept = set(wanted)
    while grown := {name for name, its in parents.items() if its & kept} - kept:
        kept |= grown
    return head + "".join(entry for entry in entries if _normal(entry) in kept)
