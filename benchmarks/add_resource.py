"""What `fastapi-expert add resource` takes, cold, and what rendering alone takes beside the imports that it needs:

    python3 dev.py python benchmarks/add_resource.py [RUNS]

The seconds of a whole run hold a new PostgreSQL, the migration applied, reverted and applied again, and formatting; the
tests of the resource run on another one. Rendering (`--dry-run`) is given as a ratio to the time of importing jinja2,
jsonschema_rs and yaml, so that a slow machine doesn't count.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from medians import print_medians

PROGRAM = (sys.executable, "-m", "fastapi_expert.cli")
RESOURCE = ("add", "resource", "order", "title:str:unique", "total:decimal(10,2)", "placed:date?", "--sort", "total")
IMPORTS = (sys.executable, "-c", "import jinja2, jsonschema_rs, yaml")


def main() -> int:
    """Measure, and print the medians of all runs with the extremes."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    measured = [measure() for _ in range(runs)]
    print_medians(measured)
    shown, imports = (median(run[part] for run in measured) for part in ("rendering alone", "imports alone"))
    print(f"{'rendering / imports':32} {shown / imports:6.2f}  (limit: 1.5, and 0.3 s)")
    return 0 if shown <= 1.5 * imports + 0.3 else 1


def measure() -> dict[str, float]:
    """Add a resource to a new service, and give the seconds of each part."""
    with TemporaryDirectory(prefix="add-resource-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL, which never runs as root, must enter
        service = Path(folder, "shop")
        run(Path(folder), *PROGRAM, "new", str(service), "--no-example")
        return {
            "imports alone": run(service, *IMPORTS),
            "rendering alone": run(service, *PROGRAM, *RESOURCE, "--dry-run"),
            "all, with the migration": run(service, *PROGRAM, *RESOURCE),
            "its tests": run(service, sys.executable, "-m", "pytest", "-q", "tests/orders"),
        }


def run(folder: Path, *command: str) -> float:
    """Run a program, which must succeed, and give the seconds."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
