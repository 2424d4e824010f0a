"""What was installed where: planned against what lies there, written whole, remembered, and taken away again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TypeVar

from fastapi_expert.replacing import replace_file

RECORD = Path(".fastapi-expert", "installed.json")
_FOLDER = "a folder"  # the mark of what can't be compared

ValueT = TypeVar("ValueT")

# By POSIX path below the root: a file's content, or where a link leads.
Wanted = Mapping[str, bytes | Path]


class RecordError(Exception):
    """The record of an earlier installation can't be trusted."""


class LinkError(Exception):
    """This system makes no symbolic links here."""


@dataclass(frozen=True)
class Plan:
    """What an installation would do.

    Attributes:
        removed: what an earlier one wrote and nobody wants any more.
        written: what isn't there as wanted.
        in_the_way: what lies where something should be written, and is not ours or was edited.
        kept: what would be removed, but was edited.
    """

    removed: list[str]
    written: dict[str, bytes | Path]
    in_the_way: list[str]
    kept: list[str]


@dataclass
class Installation:
    """The files of ours below a project or a home.

    Attributes:
        root: the project or the home.
        recorded: by assistant, and then by path, the mark of what was written: a SHA-256, or `-> ` and a link's target.
    """

    root: Path
    recorded: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> Installation:
        """Read the record, if there is one.

        Raises:
            RecordError: the record is no JSON of ours, or names a path outside of `root`.
        """
        record = root / RECORD
        if not record.exists():
            return cls(root)
        try:
            assistants = json.loads(record.read_text(encoding="utf-8"))["assistants"]
            recorded = {
                str(name): {str(path): str(mark) for path, mark in files.items()} for name, files in assistants.items()
            }
            for path in _paths(recorded.values()):
                _refuse_to_leave(path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecordError(f"{record}: can't be read ({error}): mend it, or delete it and install again") from error
        return cls(root, recorded)

    def edited(self, assistant: str) -> list[str]:
        """Name the files that somebody has changed since they were written."""
        return [path for path, mark in self.recorded[assistant].items() if self._mark(path) not in {mark, None}]

    def missing(self, assistant: str) -> list[str]:
        """Name the files that somebody has deleted since they were written."""
        return [path for path in self.recorded[assistant] if self._mark(path) is None]

    def plan(self, wanted: Mapping[str, Wanted]) -> Plan:
        """Compare what each assistant wants with what lies there.

        Args:
            wanted: by assistant.
        """
        merged = _merged(wanted)
        ours = _merged(self.recorded)
        removed, kept = self._obsolete(wanted, set(merged))
        written = {}
        in_the_way = []
        gone = set(removed)
        for path, item in merged.items():
            present = self._mark(path, gone)
            if present == mark_of(item):
                continue
            if present is not None and path not in ours and self._reads_as(path, item):
                continue
            written[path] = item
            if present is not None and present != ours.get(path):
                in_the_way.append(path)
        return Plan(removed, written, in_the_way, kept)

    def carry_out(self, plan: Plan, wanted: Mapping[str, Wanted]) -> None:
        """Remove, then write, each file beside its place and then renamed into it, and remember what is ours.

        Raises:
            LinkError: a link is wanted where none can be made.
            OSError: a file can't be written; what was written until then is remembered.
        """
        for path in plan.removed:
            self._remove(path)
        unwritten = dict(plan.written)
        try:
            for path, item in plan.written.items():
                self._write(path, item)
                del unwritten[path]
        finally:
            for assistant, items in wanted.items():
                known = self.recorded.get(assistant, {})
                self.recorded[assistant] = {path: mark for path, mark in known.items() if path in unwritten} | {
                    path: mark_of(item)
                    for path, item in items.items()
                    if path not in unwritten and (path in plan.written or path in known or self._is_plain(path))
                }
            self._remember()

    def remove(self, assistants: Collection[str]) -> list[str]:
        """Delete what was written for these assistants only and not edited since, and name what is kept.

        Raises:
            OSError: a file can't be deleted.
        """
        removed, kept = self._obsolete(assistants, set())
        for path in removed:
            self._remove(path)
        self.recorded = {name: files for name, files in self.recorded.items() if name not in assistants}
        self._remember()
        return kept

    def _obsolete(self, assistants: Collection[str], wanted: set[str]) -> tuple[list[str], list[str]]:
        """What only these assistants had and nobody wants now: as it was written, and edited since."""
        theirs = _merged({name: files for name, files in self.recorded.items() if name in assistants})
        others = _paths(files for name, files in self.recorded.items() if name not in assistants)
        obsolete = {path: mark for path, mark in theirs.items() if path not in wanted | others}
        present = {path: self._mark(path) for path in obsolete}
        as_written = [path for path, mark in obsolete.items() if present[path] in {mark, None}]
        return as_written, [path for path in obsolete if path not in as_written]

    def _mark(self, path: str, gone: Collection[str] = ()) -> str | None:
        """The mark of what lies at a path, None for nothing.

        Args:
            path: relative to the root.
            gone: what to take for removed already.
        """
        if path in gone or any(str(parent) in gone for parent in PurePosixPath(path).parents):
            return None
        place = self.root / path
        if place.is_symlink():
            return f"-> {place.readlink()}"
        if place.is_dir():
            left = (file.relative_to(self.root).as_posix() for file in place.rglob("*") if not file.is_dir())
            return None if gone and set(gone).issuperset(left) else _FOLDER
        return mark_of(place.read_bytes()) if place.is_file() else None

    def _reads_as(self, path: str, item: bytes | Path) -> bool:
        """Whether a file with this content is there already, perhaps behind a link that somebody else made."""
        place = self.root / path
        return place.is_file() and place.read_bytes() == item

    def _is_plain(self, path: str) -> bool:
        """Whether no link leads from the root to the file: what lies behind one is somebody else's."""
        return (self.root / path).resolve() == self.root.resolve() / path

    def _write(self, path: str, item: bytes | Path) -> None:
        place = self.root / path
        if isinstance(item, Path):
            place.parent.mkdir(parents=True, exist_ok=True)
            beside = place.with_name(f".{place.name}.link")
            beside.unlink(missing_ok=True)
            try:
                beside.symlink_to(item)
            except (OSError, NotImplementedError) as error:
                raise LinkError(f"{place}: no link can be made here ({error}): use --copy") from error
            beside.replace(place)
            return
        if place.is_symlink():
            place.unlink()  # a link of ours: what it leads to stays as it is
        replace_file(place, item)

    def _remove(self, path: str) -> None:
        place = self.root / path
        if place.is_symlink() or place.exists():
            place.unlink()
        for folder in list(Path(path).parents)[:-1]:
            below = self.root / folder
            if below.is_dir() and not below.is_symlink() and not any(below.iterdir()):
                below.rmdir()

    def _remember(self) -> None:
        recorded = {name: files for name, files in self.recorded.items() if files}
        if recorded:
            replace_file(self.root / RECORD, (json.dumps({"assistants": recorded}, indent=2) + "\n").encode())
        else:
            self._remove(RECORD.as_posix())


def mark_of(item: bytes | Path) -> str:
    """How a file or a link is remembered."""
    return f"-> {os.fspath(item)}" if isinstance(item, Path) else hashlib.sha256(item).hexdigest()


def _merged(parts: Mapping[str, Mapping[str, ValueT]]) -> dict[str, ValueT]:
    return {path: value for files in parts.values() for path, value in files.items()}


def _paths(parts: Iterable[Mapping[str, str]]) -> set[str]:
    return {path for files in parts for path in files}


def _refuse_to_leave(path: str) -> None:
    """A record may come from anywhere: what it names may be deleted, so it has to lie below the root."""
    windows = PureWindowsPath(path)
    if windows.anchor or ".." in windows.parts or not windows.parts:
        raise ValueError(f"{path!r} is not below this folder")
