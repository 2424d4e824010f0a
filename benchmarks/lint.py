"""CPU seconds and peak memory of this linter and of others, side by side in one run on the same files.

    python3 dev.py python benchmarks/lint.py --tools VENV --node FOLDER [--pack FOLDER …] [--write]

VENV is an environment with agnix, skillsaw, skillcheck and skills-ref installed, FOLDER one with the npm package
claude-code-lint in its node_modules; what is missing is left out. The first files are made here: 240 skills and 200
agents of the size of published ones, with Python, JSON, YAML and shell in them; then its skills alone, one of them, and
the packs. Every program runs as it does when installed: compiled, without a cache of earlier results.
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
    name: str = Field(min_length=1, max_length=100)
    count: int = Field(ge=0)


@router.get("/{{id}}")
async def read_{noun}(
    id: int, session: Annotated[AsyncSession, Depends(get_session)], limit: int = Query(20)
) -> {name}In:
    row = await session.scalar(select({name}).where({name}.id == id).limit(limit))
    if row is None:
        raise HTTPException(404)
    return {name}In(name=row.name, count=row.count)
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
                code = PYTHON.format(plural=f"{noun}s", name=noun.capitalize(), noun=noun)
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
        Linter("fastapi-expert", [own], corpus, "skills, agents, and the code in them"),
        Linter("fastapi-expert without code", [[*own, "--ignore", CODE_FAMILIES]], corpus, "skills, agents"),
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


def table(title: str, corpus: Path, found: list[Linter], runs: int) -> str:
    """What each linter takes for the files of a folder, the best of some runs."""
    files = [file for file in corpus.rglob("*.md") if file.name == "SKILL.md" or file.parent.name == "agents"]
    size = sum(file.stat().st_size for file in files)
    lines = [
        f"{title}: {len(files):,} agents and skills, {size / 1e3:,.0f} kB.",
        "",
        "| linter | looks at | CPU s | peak MB | files a CPU second |",
        "|---|---|--:|--:|--:|",
    ]
    for linter in found:
        cpu, peak = min(run(linter) for _ in range(1 if len(linter.commands) > 1 else runs))
        judged = len(linter.commands) if len(linter.commands) > 1 else len(files)
        if linter.scope == "skills":
            judged = sum(file.name == "SKILL.md" for file in files)
        lines.append(f"| {linter.name} | {linter.scope} | {cpu:.2f} | {peak:.0f} | {judged / cpu:,.0f} |")
        print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


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
        folders = [("Made here", corpus), ("Its skills alone", corpus / "skills"), ("One of them", one)]
        folders += [(pack.parent.name, pack.resolve()) for pack in arguments.pack]
        tables = [table(title, folder, linters(folder, tools, node), arguments.runs) for title, folder in folders]
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores shared with other work"
    text = "\n".join(
        [
            "# What the linter costs beside others\n",
            f"CPU seconds, children's included, of the best of {arguments.runs} runs one after the other, on "
            f"{date.today():%Y-%m-%d}; {machine},",
            f"load average {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end. "
            "Written by `benchmarks/lint.py`.",
            f"{', '.join(_versions(tools, node))}. Without code is `--ignore {CODE_FAMILIES}`.\n",
            *tables,
        ]
    )
    if arguments.write:
        RESULTS.write_text(text, encoding="utf-8")
    else:
        print(text)


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
