"""What was installed where: planned against what lies there, written whole, remembered, and taken away again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fastapi_expert.replacing import replace_file

RECORD = Path(".fastapi-expert", "installed.json")


class RecordError(Exception):
    """The record of an earlier installation can't be read."""


@dataclass
class Installation:
    """The files of ours below a project or a home.

    Attributes:
        root: the project or the home.
        recorded: path to the SHA-256 of what was written there.
    """

    root: Path
    recorded: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> Installation:
        """Read the record, if there is one.

        Raises:
            RecordError: the record is no JSON of ours.
        """
        record = root / RECORD
        if not record.exists():
            return cls(root)
        try:
            recorded = json.loads(record.read_text(encoding="utf-8"))["files"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecordError(f"{record}: can't be read ({error}): mend it, or delete it and install again") from error
        return cls(root, dict(recorded))

    def edited(self) -> list[str]:
        """Name the files that somebody has changed since they were written."""
        return [path for path, digest in self.recorded.items() if self._digest(path) not in {digest, None}]

    def changes(self, wanted: Mapping[str, bytes]) -> dict[str, bytes]:
        """Choose what has to be written: what isn't there as wanted."""
        return {path: content for path, content in wanted.items() if self._digest(path) != _sha256(content)}

    def conflicts(self, wanted: Mapping[str, bytes]) -> list[str]:
        """Name the files that are in the way: not written by this program, or edited since."""
        present = {path: self._digest(path) for path in self.changes(wanted)}
        return [path for path, digest in present.items() if digest is not None and digest != self.recorded.get(path)]

    def write(self, wanted: Mapping[str, bytes]) -> None:
        """Write what has changed, each file beside its place and then renamed into it, and remember it.

        Raises:
            OSError: a file can't be written.
        """
        for path, content in self.changes(wanted).items():
            replace_file(self.root / path, content)
        self.recorded |= {path: _sha256(content) for path, content in wanted.items()}
        self._remember()

    def remove(self) -> list[str]:
        """Delete what was written and not edited since, and name what is kept.

        Raises:
            OSError: a file can't be deleted.
        """
        kept = self.edited()
        for path in self.recorded:
            if path not in kept:
                (self.root / path).unlink(missing_ok=True)
                self._delete_empty_folders(path)
        self.recorded = {}
        self._remember()
        return kept

    def _digest(self, path: str) -> str | None:
        file = self.root / path
        return _sha256(file.read_bytes()) if file.is_file() else None

    def _remember(self) -> None:
        if self.recorded:
            replace_file(self.root / RECORD, (json.dumps({"files": self.recorded}, indent=2) + "\n").encode())
        else:
            (self.root / RECORD).unlink(missing_ok=True)
            self._delete_empty_folders(str(RECORD))

    def _delete_empty_folders(self, path: str) -> None:
        for folder in Path(path).parents[:-1]:
            place = self.root / folder
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
