"""What `fastapi-expert add` takes, cold: a resource in a service, and a pattern in a small project of another make.

    python3 dev.py python benchmarks/add.py [--runs N] [--write]

The seconds of a whole resource hold a new PostgreSQL, the migration applied, reverted and applied again, and
formatting; the tests of the resource run on another one. Rendering (`--dry-run`) is given as a ratio to the time of
importing jinja2, jsonschema_rs and yaml, taken just before, so that a slow machine doesn't count. Everything runs as it
does when installed: compiled. A limit that is not held is exit code 1.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "add.md"
PROGRAM = (sys.executable, "-m", "fastapi_expert.cli")
RESOURCE = ("add", "resource", "order", "title:str:unique", "total:decimal(10,2)", "placed:date?", "--sort", "total")
PATTERN = ("add", "rate-limit")
IMPORTS = (sys.executable, "-c", "import jinja2, jsonschema_rs, yaml")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
FOREIGN = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/teas")
async def list_teas() -> list[str]:
    return ["oolong"]
"""

IMPORTED = "the imports alone"
RENDERED = "`add resource --dry-run`"
ADDED = "`add resource`, with the migration"
TESTED = "the tests of the resource"
SHOWN = "`add rate-limit --dry-run`, elsewhere"
WIRED = "`add rate-limit`, elsewhere"
LIMITS = {ADDED: 5.0, TESTED: 10.0}


def main() -> int:
    """Measure, and print a table of the medians with the extremes."""
    parser = argparse.ArgumentParser(description="Measure what `add` takes.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help=f"keep the table in {RESULTS.relative_to(ROOT)}")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    runs = [measure() for _ in range(arguments.runs)]
    imports = median(run[IMPORTED] for run in runs)
    limits = LIMITS | {RENDERED: 1.5 * imports + 0.3}
    text = "\n".join(
        [
            "# What `add` takes\n",
            f"Seconds of {len(runs)} runs one after the other, on {date.today():%Y-%m-%d}; Python "
            f"{platform.python_version()}, {os.cpu_count()} cores shared with other work,",
            f"load average {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end. "
            "Written by `benchmarks/add.py`.\n",
            "| cold | median | least to most | to the imports | limit |",
            "|---|--:|--:|--:|--:|",
            *(row(part, [run[part] for run in runs], imports, limits.get(part)) for part in runs[0]),
            "",
            f"The imports are jinja2, jsonschema_rs and yaml; the limit of {RENDERED} is 1.5 times them and 0.3 s.",
            "Elsewhere is a project of one module, into which the pattern goes with what it needs, tests and wiring.\n",
        ]
    )
    if arguments.write:
        RESULTS.write_text(text, encoding="utf-8")
    print(text)
    return int(any(median(run[part] for run in runs) > limit for part, limit in limits.items()))


def measure() -> dict[str, float]:
    """Add a resource to a new service, and a pattern to another project; give the seconds of each part."""
    with TemporaryDirectory(prefix="add-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL, which never runs as root, must enter
        service, elsewhere = Path(folder, "shop"), Path(folder, "elsewhere")
        run(Path(folder), *PROGRAM, "new", str(service), "--no-example")
        elsewhere.mkdir()
        (elsewhere / "main.py").write_text(FOREIGN, encoding="utf-8")
        return {
            IMPORTED: run(service, *IMPORTS),
            RENDERED: run(service, *PROGRAM, *RESOURCE, "--dry-run"),
            ADDED: run(service, *PROGRAM, *RESOURCE),
            TESTED: run(service, sys.executable, "-m", "pytest", "-q", "tests/orders"),
            SHOWN: run(elsewhere, *PROGRAM, *PATTERN, "--dry-run"),
            WIRED: run(elsewhere, *PROGRAM, *PATTERN),
        }


def run(folder: Path, *command: str) -> float:
    """Run a program, which must succeed, and give the seconds."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
    return time.perf_counter() - start


def row(part: str, seconds: list[float], imports: float, limit: float | None) -> str:
    """A line of the table."""
    middle = median(seconds)
    held = "" if limit is None else f"{limit:.2f}"
    return f"| {part} | {middle:.2f} | {min(seconds):.2f} to {max(seconds):.2f} | {middle / imports:.1f} | {held} |"


if __name__ == "__main__":
    sys.exit(main())
