"""What a rendered project remembers of its template, so that a later change is a merge that needs no network.

`.fastapi-expert/manifest.json` says which template, options and pack version made it and how each file began;
`.fastapi-expert/base.zip` holds those beginnings.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi_expert import __version__

FOLDER = ".fastapi-expert"
MANIFEST = f"{FOLDER}/manifest.json"
BASE = f"{FOLDER}/base.zip"
_SAME_DATE = (1980, 1, 1, 0, 0, 0)  # the archive of the same files is the same archive


class ManifestError(Exception):
    """The project has no manifest, or one that can't be read."""


@dataclass(frozen=True)
class Manifest:
    """How a project was rendered.

    Attributes:
        template: the name of the template.
        name: the name of the project.
        options: the value of every option of the template.
        base: relative POSIX path to what the template made of each file.
        made_of: a digest of all that decided that; empty where it is not known.
        pack: the version of the pack that made it.
    """

    template: str
    name: str
    options: Mapping[str, Any]
    base: Mapping[str, bytes]
    made_of: str = ""
    pack: str = __version__

    def files(self) -> dict[str, bytes]:
        """Write it down, as files by relative POSIX path."""
        described = {
            "pack": self.pack,
            "template": self.template,
            "name": self.name,
            "options": dict(self.options),
            "made_of": self.made_of,
            "files": {path: hashlib.sha256(content).hexdigest() for path, content in sorted(self.base.items())},
        }
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as base:
            for path, content in sorted(self.base.items()):
                base.writestr(zipfile.ZipInfo(path, _SAME_DATE), content, zipfile.ZIP_DEFLATED)
        return {MANIFEST: (json.dumps(described, indent=2) + "\n").encode(), BASE: archive.getvalue()}

    @classmethod
    def read(cls, root: Path) -> Manifest:
        """Read what `files` wrote below `root`.

        Raises:
            ManifestError: it is missing, or was damaged.
        """
        if not (root / MANIFEST).is_file():
            raise ManifestError(f"{root} has no {MANIFEST}: it was not made by `fastapi-expert new`")
        try:
            described = json.loads((root / MANIFEST).read_bytes())
            digests = dict(described["files"])
            with zipfile.ZipFile(root / BASE) as archive:
                base = {path: archive.read(path) for path in digests}
            manifest = cls(
                template=str(described["template"]),
                name=str(described["name"]),
                options=dict(described["options"]),
                base=base,
                made_of=str(described.get("made_of", "")),
                pack=str(described["pack"]),
            )
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise ManifestError(f"{root / FOLDER} can't be read ({error}): restore it from version control") from error
        for path, digest in digests.items():
            if hashlib.sha256(base[path]).hexdigest() != digest:
                raise ManifestError(f"{root / BASE}: {path} is not what {MANIFEST} says: restore both")
        return manifest
