"""CPU seconds and peak memory of this linter and of others, side by side in one run on the same files.

    python3 dev.py python benchmarks/lint.py --tools VENV --node FOLDER [--pack FOLDER …] [--write]

VENV is an environment with agnix, skillsaw, skillcheck and skills-ref installed, FOLDER one with the npm package
claude-code-lint in its node_modules; what is missing is left out. The first files are made here: 240 skills and 200
agents of the size of published ones, with Python, JSON, YAML and shell in them, no two blocks of Python the same; then
its skills alone, one of them, and the packs. Every program runs as it does when installed: compiled, without a cache of
earlier results.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "lint.md"
SKILLS, AGENTS = 240, 200
SAMPLE = 20  # skills, for a program that takes a tenth of a second for each
CODE_FAMILIES = "PY,AP,SE,LG"
OWN, WITHOUT_CODE, ONE = "fastapi-expert", "fastapi-expert without code", "One of them"
AGNIX_AIM, ONE_FILE_AIM = 2, 0.15  # times as long; seconds
PACKAGES = frozenset({"agnix", "skillcheck", "skills-ref", "skillsaw"})
WORDS = """
    service request answer database session model field route table index cursor token user order item page
    limit header status error handler test fixture client event queue worker cache key value schema version
    option result
    """.split()  # noqa: SIM905 - one a line would be a page
PYTHON = """\
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix="/{plural}")


class {name}In(BaseModel):
    {other}: str = Field(min_length=1, max_length={length})
    count: int = Field(ge=0)


@router.get("/{{id}}")
async def read_{noun}(
    id: int, session: Annotated[AsyncSession, Depends(get_session)], limit: int = Query({limit})
) -> {name}In:
    row = await session.scalar(select({name}).where({name}.id == id).limit(limit))
    if row is None:
        raise HTTPException(404)
    return {name}In({other}=row.{other}, count=row.count)
"""


@dataclass(frozen=True)
class Linter:
    """One program on trial.

    Attributes:
        name: how the table calls it.
        commands: what to run, one after the other; their cost is added up.
        folder: the working directory.
        scope: what it looks at.
    """

    name: str
    commands: list[list[str]]
    folder: Path
    scope: str


@dataclass(frozen=True)
class Measured:
    """What a linter took.

    Attributes:
        linter: which.
        cpu: seconds, of the best run.
        peak: MB.
        files: how many agents and skills it judged.
    """

    linter: Linter
    cpu: float
    peak: float
    files: int


def make_corpus(folder: Path) -> None:
    """Write the skills and agents; the same ones each time."""
    chance = random.Random(5)  # noqa: S311 - nothing secret

    def prose(words: int) -> str:
        return " ".join(chance.choice(WORDS) for _ in range(words)).capitalize() + "."

    def body(title: str) -> str:
        parts = [f"# {title}\n"]
        for number in range(chance.randint(3, 9)):
            noun = chance.choice(WORDS)
            parts.append(
                f"## {noun.capitalize()} {number}\n\n{prose(60)}\n\n- **{noun}**: {prose(15)}\n"
                f"- `{noun}.py` {prose(10)}\n"
            )
            kind = chance.random()
            if kind < 0.45:
                code = PYTHON.format(
                    plural=f"{noun}s",
                    name=noun.capitalize(),
                    noun=noun,
                    other=chance.choice(WORDS),
                    limit=chance.randint(1, 100),
                    length=chance.randint(1, 1000),
                )
                parts.append(f"```python\n{code}```\n")
            elif kind < 0.6:
                parts.append(f'```json\n{{"{noun}": [1, 2, 3], "limit": {number}}}\n```\n')
            elif kind < 0.7:
                parts.append(f"```yaml\n{noun}:\n  - limit: {number}\n```\n")
            elif kind < 0.85:
                parts.append(f"```bash\npip install {noun}\npytest -q tests/{noun}\n```\n")
        return "\n".join(parts)

    def described() -> str:
        return f"{prose(14)} Use when {prose(12).lower()}"

    for number in range(SKILLS):
        name = f"{chance.choice(WORDS)}-{chance.choice(WORDS)}-{number}"
        path = folder / "skills" / name / "SKILL.md"
        path.parent.mkdir(parents=True)
        path.write_text(f"---\nname: {name}\ndescription: {described()}\n---\n{body(name)}", encoding="utf-8")
    (folder / "agents").mkdir()
    for number in range(AGENTS):
        name = f"{chance.choice(WORDS)}-{chance.choice(WORDS)}-agent-{number}"
        head = f"name: {name}\ndescription: {described()}\nmodel: sonnet\ntools: Read, Grep, Glob\n"
        (folder / "agents" / f"{name}.md").write_text(f"---\n{head}---\n{body(name)}", encoding="utf-8")
    manifest = folder / ".claude-plugin" / "plugin.json"
    manifest.parent.mkdir()
    manifest.write_text(
        '{"name": "corpus", "version": "1.0.0", "description": "Files to measure linters on"}\n', encoding="utf-8"
    )


def linters(corpus: Path, tools: Path | None, node: Path | None) -> list[Linter]:
    """The programs that are installed."""
    own = [str(Path(sys.executable).with_name("fastapi-expert")), "lint", str(corpus)]
    found = [
        Linter(OWN, [own], corpus, "skills, agents, and the code in them"),
        Linter(WITHOUT_CODE, [[*own, "--ignore", CODE_FAMILIES]], corpus, "skills, agents"),
    ]
    skills = sorted({str(file.parent) for file in corpus.rglob("SKILL.md")})
    others = {
        "agnix": ([["agnix", str(corpus)]], "skills, agents, and more"),
        "skillcheck": ([["skillcheck", str(corpus)]], "skills"),
        "skillsaw": ([["skillsaw", "lint", str(corpus)]], "skills, agents, and more"),
        "skills-ref": (
            [["agentskills", "validate", skill] for skill in skills[:SAMPLE]],
            f"skills, one a call: {len(skills[:SAMPLE])}",
        ),
    }
    for name, (commands, scope) in others.items():
        if tools and (tools / "bin" / commands[0][0]).exists():
            placed = [[str(tools / "bin" / command), *rest] for command, *rest in commands]
            found.append(Linter(name, placed, corpus, scope))
    claudelint = node / "node_modules" / ".bin" / "claudelint" if node else None
    if claudelint and claudelint.exists():
        found.append(Linter("claude-code-lint", [[str(claudelint), "check-all", "--no-cache"]], corpus, "the project"))
    return found


def run(linter: Linter) -> tuple[float, float]:
    """CPU seconds, children's included, and the peak memory of one process in MB."""
    cpu = peak = 0.0
    for command in linter.commands:
        process = os.fork()
        if process == 0:
            os.chdir(linter.folder)
            for descriptor in (0, 1, 2):
                os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
            os.execv(command[0], command)  # noqa: S606 - a program that the caller named
        _, _, usage = os.wait4(process, 0)
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
    return cpu, peak


def agents_and_skills(corpus: Path) -> list[Path]:
    """The files of a folder that are judged."""
    return [file for file in corpus.rglob("*.md") if file.name == "SKILL.md" or file.parent.name == "agents"]


def measure(corpus: Path, found: list[Linter], runs: int) -> list[Measured]:
    """What each linter takes for the files of a folder: the best of some rounds, in each of which every one runs."""
    files = agents_and_skills(corpus)
    taken: dict[str, list[tuple[float, float]]] = {linter.name: [] for linter in found}
    for number in range(runs):
        for linter in found:
            if number == 0 or len(linter.commands) == 1:
                taken[linter.name].append(run(linter))
    measured = []
    for linter in found:
        cpu, peak = min(taken[linter.name])
        judged = len(linter.commands) if len(linter.commands) > 1 else len(files)
        if linter.scope == "skills":
            judged = sum(file.name == "SKILL.md" for file in files)
        measured.append(Measured(linter, cpu, peak, judged))
    return measured


def table(title: str, corpus: Path, measured: list[Measured]) -> str:
    """The figures of one folder."""
    files = agents_and_skills(corpus)
    size = sum(file.stat().st_size for file in files)
    lines = [
        f"{title}: {len(files):,} agents and skills, {size / 1e3:,.0f} kB.",
        "",
        "| linter | looks at | CPU s | peak MB | files a CPU second |",
        "|---|---|--:|--:|--:|",
    ]
    lines += [
        f"| {row.linter.name} | {row.linter.scope} | {row.cpu:.2f} | {row.peak:.0f} | {row.files / row.cpu:,.0f} |"
        for row in measured
    ]
    return "\n".join(lines) + "\n"


def outcome(corpora: dict[str, list[Measured]]) -> str:
    """What the aims came to: this linter's CPU seconds divided by the others'."""
    lines = [
        "## What the aims came to",
        "",
        "This linter's CPU seconds divided by another's. The aims: with the code below 1 beside those in Python,",
        f"without it at most {AGNIX_AIM} beside agnix, which is Rust; one file within {ONE_FILE_AIM:.2f} s.",
        "",
        "| files | skillcheck | skillcheck, a file | skillsaw | skills-ref, a file | agnix, without code |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for title, measured in corpora.items():
        taken = {row.linter.name: row for row in measured}
        own = taken[OWN]
        cells = (
            _ratio(own, taken.get("skillcheck")),
            _ratio(own, taken.get("skillcheck"), each=True),
            _ratio(own, taken.get("skillsaw")),
            _ratio(own, taken.get("skills-ref"), each=True),
            _ratio(taken[WITHOUT_CODE], taken.get("agnix")),
        )
        lines.append(f"| {title} | {' | '.join(cells)} |")
    one = {row.linter.name: row.cpu for row in corpora[ONE]}
    lines += [
        "",
        f"One file takes {one[OWN]:.2f} s, {one[WITHOUT_CODE]:.2f} s without its code; nearly all of that is the start "
        "of Python and of the",
        "program, and is in every figure above. skillcheck and skills-ref look at skills only.",
    ]
    return "\n".join(lines) + "\n"


def _ratio(own: Measured, other: Measured | None, *, each: bool = False) -> str:
    """CPU seconds of one by those of another, in total or for each file that they judge; empty without the other."""
    if other is None:
        return ""
    ratio = own.cpu / other.cpu
    return f"{ratio * other.files / own.files if each else ratio:.2f}"


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description="Measure linters of agents and skills side by side.")
    parser.add_argument("--tools", type=Path)
    parser.add_argument("--node", type=Path)
    parser.add_argument("--pack", type=Path, nargs="*", default=[])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help=f"keep the tables in {RESULTS.relative_to(ROOT)}")
    arguments = parser.parse_args()
    tools, node = (folder and folder.absolute() for folder in (arguments.tools, arguments.node))
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as made:
        corpus = Path(made) / "corpus"
        make_corpus(corpus)
        one = Path(made) / "one"
        shutil.copytree(min((corpus / "skills").iterdir()), one / "skills" / "one")
        folders = [("Made here", corpus), ("Its skills alone", corpus / "skills"), (ONE, one)]
        folders += [(pack.resolve().name, pack.resolve()) for pack in arguments.pack]
        corpora, tables = {}, []
        for title, folder in folders:
            corpora[title] = measure(folder, linters(folder, tools, node), arguments.runs)
            tables.append(table(title, folder, corpora[title]))
            print(tables[-1], flush=True)
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores shared with other work"
    text = "\n".join(
        [
            "# What the linter costs beside others\n",
            f"CPU seconds, children's included, of the best of {arguments.runs} rounds in which each runs once, on "
            f"{date.today():%Y-%m-%d}; {machine},",
            f"load average {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end. "
            "Written by `benchmarks/lint.py`.",
            f"{', '.join(_versions(tools, node))}. Without code is `--ignore {CODE_FAMILIES}`.\n",
            *tables,
            outcome(corpora),
        ]
    )
    if arguments.write:
        RESULTS.write_text(text, encoding="utf-8")
    print(outcome(corpora))


def _versions(tools: Path | None, node: Path | None) -> list[str]:
    """What was measured, by name and version."""
    told = []
    if tools:
        python = str(tools / "bin" / "python")
        listed = subprocess.check_output([python, "-m", "pip", "list", "--format=freeze"], text=True)
        told += [line.replace("==", " ") for line in listed.splitlines() if line.partition("==")[0] in PACKAGES]
    if node:
        package = node / "node_modules" / "claude-code-lint" / "package.json"
        told += [f"claude-code-lint {json.loads(package.read_text(encoding='utf-8'))['version']}"]
    return told


if __name__ == "__main__":
    main()
