"""A change to an existing project: planned whole in memory, shown as diffs, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fastapi_expert.differences import unified
from fastapi_expert.replacing import replace_file


class TargetError(Exception):
    """The folder to write to is not one that this may write to."""


class State(StrEnum):
    """What happens to a file."""

    CREATE = "create"
    UPDATE = "update"
    MERGE = "merge"  # both sides had changed it, in different places
    CONFLICT = "conflict"  # both sides had changed the same place: both stand in the file, marked as git marks them
    EDIT = "edit"  # lines put into a file of the user's
    DELETE = "delete"
    KEEP = "keep"  # it should go, and holds edits
    REFUSE = "refuse"  # something else lies where it should come


@dataclass(frozen=True)
class Change:
    """One file's part.

    Attributes:
        path: relative POSIX path.
        before: what lies there, None for nothing.
        after: what will lie there, None for nothing.
    """

    path: str
    state: State
    before: bytes | None
    after: bytes | None

    def reversed(self) -> Change:
        """What takes it back."""
        return Change(self.path, self.state, self.after, self.before)

    def diff(self) -> str:
        """Show it as a unified diff, or in a line where the file is no text."""
        try:
            old, new = ((content or b"").decode("utf-8") for content in (self.before, self.after))
        except UnicodeDecodeError:
            return f"Binary file {self.path}: {self.state}\n"
        old_name = "/dev/null" if self.before is None else f"a/{self.path}"
        new_name = "/dev/null" if self.after is None else f"b/{self.path}"
        return unified(old, new, old_name, new_name)


def write_changes(root: Path, changes: Iterable[Change]) -> None:
    """Write every change below `root`; when one fails, those before it are taken back.

    Raises:
        TargetError: a file can't be written; the project is as it was.
    """
    done: list[Change] = []
    try:
        for change in changes:
            done.append(change)
            _put(root, change.path, change.after)
    except BaseException as error:
        for change in reversed(done):
            with suppress(OSError):  # what could not be written was not changed either
                _put(root, change.path, change.before)
        if isinstance(error, OSError):
            raise TargetError(f"can't write {root / done[-1].path}: {error.strerror}; nothing was changed") from error
        raise


def _put(root: Path, path: str, content: bytes | None) -> None:
    file = root / path
    if content is not None:
        replace_file(file, content)
        return
    file.unlink(missing_ok=True)
    for folder in file.parents:
        if folder == root or not folder.is_dir() or any(folder.iterdir()):
            break
        folder.rmdir()
