"""Files that are meant to stop, crash or fool a reader: each is a finding, and the run goes on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fastapi_expert.lint.fix import mended_texts
from fastapi_expert.lint.report import as_json, as_text
from fastapi_expert.lint.rule import Symlink, chosen_rules
from fastapi_expert.lint.run import lint_paths
from fastapi_expert.lint.samples import AGENT, SKILL, SKILL_PATH, agent, house, skill
from fastapi_expert.pack import reading
from fastapi_expert.pack.source import Source, read_source
from tests.pack.laying import lay

NOBODY = 65534


def with_field(text: str, field: str) -> str:
    return text.replace("---\n#", f"{field}\n---\n#", 1)


GOOD = SKILL.replace("greeting", "good").replace("Greets people by name", "Says a few kind words of a meal")
BOMB = "a0: &a0 [x, x]\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 15))

HOSTILE: dict[str, tuple[str | bytes, set[str]]] = {
    "empty": ("", {"FM001"}),
    "no frontmatter": ("# Greeting\n", {"FM001"}),
    "only an opening": ("---", {"FM002"}),
    "latin 1": (SKILL.encode() + b"caf\xe9\n", {"FI003"}),
    "utf 16": (SKILL.encode("utf-16"), {"FI003", "FI005", "FM001"}),
    "byte order mark": ("\ufeff" + SKILL, {"FI004"}),
    "nul": (SKILL + "\0", {"FI005"}),
    "all nul": ("\0" * 100_000, {"FI005", "FM001"}),
    "alias bomb": (with_field(SKILL, f"metadata:\n{BOMB}".replace("\n", "\n  ")), {"FM008"}),
    "ten megabytes": (SKILL + "x" * 10_000_000, {"FI002"}),
    "yaml brackets": (with_field(SKILL, "license: " + "[" * 10_000), {"FM004"}),
    "yaml brackets that close": (with_field(SKILL, "license: " + "[" * 10_000 + "]" * 10_000), {"FM004"}),
    "many colons": (with_field(SKILL, "license: " + "a: " * 100_000), {"FM006"}),
    "many tabs": (with_field(SKILL, "metadata:\n" + "\t" * 100_000 + "a: b"), {"FM005"}),
    "many keys": (with_field(SKILL, "\n".join(f"key{n}: x" for n in range(20_000))), {"FM014"}),
    "markdown brackets": (SKILL + "[" * 50_000, set()),
    "backticks": (SKILL + " ".join("`" * n for n in range(1, 500)), set()),
    "open comments": (SKILL + "a <!-- " * 50_000, set()),
    "quotes": (SKILL + ">" * 100_000, set()),
    "long path": (SKILL + "`" + "../" * 50_000 + "!`", set()),
    "long link": (SKILL + "[a](" + "x/" * 50_000 + ".md)", {"LK003"}),
    "python brackets": (f"{SKILL}\n```python\n{'(' * 10_000}{')' * 10_000}\n```\n", {"PY001"}),
    "python signs": (f"{SKILL}\n```python\nx = {'-' * 100_000}1\n```\n", {"PY001"}),
    "python tags": (f"{SKILL}\n```python\nx = = {'{{' * 50_000}\n```\n", {"PY001"}),
    "copies": (f"{SKILL}\n{'copy ' * 20_000}to `skills/none/SKILL.md`\n", set()),
    "python elisions": (f"{SKILL}\n```python\nf({', ...' * 50_000}\n```\n", {"PY001"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_skill_is_judged(name: str, tmp_path: Path) -> None:
    text, expected = HOSTILE[name]
    lay(tmp_path, {"skills/greeting/SKILL.md": text, "skills/good/SKILL.md": GOOD})

    report = lint_paths([tmp_path])

    # That it is long is said of most, and beside the point.
    assert {finding.rule for finding in report.findings} - {"BU005"} == expected
    assert {finding.path.parent.name for finding in report.findings} <= {"greeting"}
    assert as_text(report.findings, report.checked)
    assert as_json(report.findings, report.checked)


@pytest.mark.parametrize("name", HOSTILE)
def test_fixing_a_hostile_skill_comes_to_an_end(name: str, tmp_path: Path) -> None:
    lay(tmp_path, {"skills/greeting/SKILL.md": HOSTILE[name][0]})

    texts = mended_texts([tmp_path], chosen_rules())

    assert not [finding for finding in lint_paths([tmp_path], texts=texts).findings if finding.fix and finding.fix.safe]


@pytest.mark.parametrize(
    "text",
    [
        AGENT + "<example>" * 5_000,
        AGENT + "<commentary>" * 5_000,
        AGENT + "<example>" + "user: " * 50_000 + "</example>",
        AGENT.replace("---\nYou", "skills: " + "a," * 5_000 + "\n---\nYou"),
        AGENT.replace("name: greeter", "? [a]\n: {b: [c]}\nskills: {a: [1]}\ntools: [1, [2]]\nname: [x]"),
    ],
)
def test_a_hostile_agent_is_judged(text: str, tmp_path: Path) -> None:
    report = lint_paths([lay(tmp_path, house(agent=text))])

    assert {finding.path.name for finding in report.findings} >= {"greeter.md"}


def test_pipes_loops_and_dangling_links_are_findings(tmp_path: Path) -> None:
    lay(
        tmp_path,
        agent(AGENT)
        | {
            "skills/gone/SKILL.md": Symlink("nowhere"),
            "skills/loop/SKILL.md": Symlink("SKILL.md"),
            "skills/round/here": Symlink(".."),
        },
    )
    (tmp_path / "skills" / "pipe").mkdir()
    os.mkfifo(tmp_path / "skills" / "pipe" / "SKILL.md")

    found = lint_paths([tmp_path]).findings

    assert [(finding.rule, finding.path.parent.name) for finding in found] == [
        ("FI001", "gone"),
        ("FI001", "loop"),
        ("FI001", "pipe"),
        ("FI001", "round"),
    ]


def test_windows_line_ends_are_one_finding_and_hide_nothing(tmp_path: Path) -> None:
    text = f"{SKILL}\n- item\n\n  ```python\n  x = 1\n  ```\n\n[a](SKILL.md)\n"
    for name, line_end, expected in (("unix", "\n", []), ("windows", "\r\n", ["FI007"])):
        found = lint_paths([lay(tmp_path / name, skill(text.replace("\n", line_end)))]).findings
        assert [finding.rule for finding in found] == expected


def test_a_hundred_megabytes_are_not_read(tmp_path: Path) -> None:
    lay(tmp_path, skill(SKILL))
    with (tmp_path / SKILL_PATH).open("r+b") as file:
        file.truncate(100_000_000)  # a hole: it costs no disk

    assert [finding.rule for finding in lint_paths([tmp_path]).findings] == ["FI002"]


def test_very_many_files_come_to_an_end(tmp_path: Path) -> None:
    for number in range(3_000):
        folder = tmp_path / "skills" / f"greeting-{number}"
        folder.mkdir(parents=True)
        (folder / "SKILL.md").write_text(SKILL.replace("name: greeting", f"name: greeting-{number}"))

    report = lint_paths([tmp_path])

    assert report.checked == 3_000
    # All have the same description: each is compared with few, so that a million pairs don't cost a million looks.
    assert {finding.rule for finding in report.findings} == {"DE002", "DE006"}


@contextmanager
def as_somebody() -> Iterator[None]:
    """Be a user whom modes refuse, as they don't refuse root."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def test_files_and_folders_without_permission_are_findings() -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        root = lay(Path(name) / "pack", skill(SKILL) | agent(AGENT) | {"skills/shut/SKILL.md": GOOD})
        lint_paths([root])  # what is imported late may lie in root's home
        (root / SKILL_PATH).chmod(0)
        (root / "skills" / "shut").chmod(0)

        with as_somebody():
            found = lint_paths([root]).findings

    assert [(finding.rule, finding.path.name, finding.message) for finding in found] == [
        ("FI001", "SKILL.md", "can't be read: Permission denied"),
        ("FI001", "shut", "can't be read: Permission denied"),
    ]


def test_a_file_that_vanishes_after_it_was_listed_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, skill(SKILL) | agent(AGENT))

    def vanishing(path: Path, *, asked: bool) -> Source:
        (tmp_path / SKILL_PATH).unlink(missing_ok=True)
        return read_source(path, asked=asked)

    monkeypatch.setattr(reading, "read_source", vanishing)

    (finding,) = lint_paths([tmp_path]).findings
    assert (finding.rule, finding.message) == ("FI001", "can't be read: No such file or directory")


def test_a_folder_that_vanishes_after_it_was_listed_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, skill(SKILL) | agent(AGENT))
    gone = tmp_path / "skills" / "greeting"
    listed, seen = os.scandir, list[Path]()

    def vanishing(folder: str | Path) -> Iterator[os.DirEntry[str]]:
        seen.append(Path(folder))
        if seen.count(gone) == 2:
            (gone / "SKILL.md").unlink()
            gone.rmdir()
        return listed(folder)

    monkeypatch.setattr(os, "scandir", vanishing)

    assert lint_paths([tmp_path]).findings == []
    assert not gone.exists()
