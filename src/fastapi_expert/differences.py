"""What differs between two texts, as a unified diff."""

from __future__ import annotations

from difflib import unified_diff


def unified(old: str, new: str, old_name: str, new_name: str) -> str:
    """Give the diff, empty where the texts are the same; a last line without its end is marked as git marks it."""
    lines = unified_diff(_lines(old), _lines(new), old_name, new_name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    # Only \n ends a line here: `splitlines` also cuts at form feeds and at U+2028.
    return [line + "\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rpartition("\n")[2]) else [])
