"""The table of all gotchas, made from the proofs: `python -m tests.proofs.table` writes `docs/gotchas.md`."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from fastapi_expert.pack.documents import Document
from fastapi_expert.pack.reading import read_pack

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "gotchas.md"
HEAD = """# The gotchas

Made from the proofs by `python3 dev.py python -m tests.proofs.table`; change the proof's docstring, not the page. Each
proof runs what is believed, sees it fail as it is said here, and runs the cure. *Since* is the release that made it
true, where one did and it is known; the rest held before anything that this pack supports.

| id | believed | true now; what to do | since | told in | proof |
|---|---|---|---|---|---|
"""
_TEST = re.compile(r"test_([a-z]{2})_(\d{2})_")
_WORDS = re.compile(r"Believed: (?P<belief>.+?)\. Now: (?P<truth>.+?)\.(?: Since (?P<since>.+)\.)?")


@dataclass(frozen=True)
class Claim:
    """What a proof says that it shows.

    Attributes:
        id: the gotcha's.
        belief: what most code takes for granted.
        truth: what happens, and after a semicolon what to do.
        since: the library and release that made it true, where known.
        proof: the test's file and function.
    """

    id: str
    belief: str
    truth: str
    since: str
    proof: tuple[Path, str]


def claims() -> list[Claim]:
    """Read every proof's docstring.

    Raises:
        ValueError: one is not of the form `Believed: … Now: …; …. Since ….`
    """
    found = []
    for file in sorted((ROOT / "tests" / "proofs").glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not (name := _TEST.match(node.name)):
                continue
            words = _WORDS.fullmatch(" ".join((ast.get_docstring(node) or "").split()))
            if words is None:
                raise ValueError(f"{file.name}: {node.name}: write `Believed: … Now: …; what to do.` as its docstring")
            id_ = f"{name[1].upper()}-{name[2]}"
            found.append(Claim(id_, words["belief"], words["truth"], words["since"] or "", (file, node.name)))
    return sorted(found, key=lambda claim: claim.id)


def page() -> str:
    """Write the table."""
    told = {
        gotcha.id: document.source.path.resolve()
        for document in read_pack([ROOT]).all(Document)
        for gotcha in document.gotchas
    }
    rows = []
    for claim in claims():
        where = told[claim.id].relative_to(ROOT)
        place = where.parts[1] if where.name == "SKILL.md" else f"{where.parts[1]}: {where.stem}"
        file, name = claim.proof
        cells = [
            claim.id,
            claim.belief.replace("|", "\\|"),
            claim.truth.replace("|", "\\|"),
            claim.since,
            f"[{place}](../{where.as_posix()})",
            f"[{name}](../{file.relative_to(ROOT).as_posix()})",
        ]
        rows.append(f"| {' | '.join(cells)} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
