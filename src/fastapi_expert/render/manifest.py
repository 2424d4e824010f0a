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
from importlib.metadata import version

FOLDER = ".fastapi-expert"
_SAME_DATE = (1980, 1, 1, 0, 0, 0)  # the archive of the same files is the same archive


def manifest_files(
    template: str, name: str, options: Mapping[str, object], files: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Make the manifest of rendered files, itself as files by relative POSIX path."""
    manifest = {
        "pack": version("fastapi-expert"),
        "template": template,
        "name": name,
        "options": dict(options),
        "files": {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())},
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as base:
        for path, content in sorted(files.items()):
            base.writestr(zipfile.ZipInfo(path, _SAME_DATE), content, zipfile.ZIP_DEFLATED)
    return {
        f"{FOLDER}/manifest.json": (json.dumps(manifest, indent=2) + "\n").encode(),
        f"{FOLDER}/base.zip": archive.getvalue(),
    }
