"""How long from nothing to the first 200 of a rendered service, phase by phase:

    python3 dev.py python benchmarks/first_answer.py [RUNS]

A service is rendered and started on its own, new PostgreSQL; `/health/ready` answers 200 when the database is migrated
and reached. The virtual environment is there already and its files are in the caches: making it takes about a minute
more, once. Watched from outside, by the files that PostgreSQL writes, so the service is the one that users get.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from socket import create_server
from subprocess import DEVNULL, STDOUT
from tempfile import TemporaryDirectory

from medians import print_medians

LIMIT_SECONDS = 120


def main() -> int:
    """Measure, and print the seconds of each phase: the median and the extremes of all runs."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    measured = [measure() for _ in range(runs)]
    print_medians(measured)
    return 0


def measure() -> dict[str, float]:
    """Render and start one service, and give the seconds of each phase."""
    with TemporaryDirectory(prefix="first-answer-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL, which never runs as root, must enter
        service = Path(folder, "shop")
        marks = [("", time.perf_counter())]

        def mark(phase: str) -> None:
            marks.append((phase, time.perf_counter()))

        subprocess.run([sys.executable, "-m", "fastapi_expert.cli", "new", str(service)], check=True, stdout=DEVNULL)
        mark("render")
        with create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "JWT_SECRET"}}
        with (service / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "app"],
                cwd=service,
                env=environment | {"PORT": str(port)},
                stdout=log,
                stderr=STDOUT,
            )
        try:
            data = service / ".data" / "postgres"
            for phase, reached in (
                ("import", data.exists),
                ("create and start PostgreSQL", lambda: is_ready(data / "postmaster.pid")),
                ("migrate, start, first 200", lambda: answers(port)),
            ):
                wait_until(reached, process)
                mark(phase)
        finally:
            process.terminate()
            process.wait()
    phases = {phase: at - before for (_, before), (phase, at) in pairwise(marks)}
    return phases | {"altogether": marks[-1][1] - marks[0][1]}


def wait_until(reached: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Look a hundred times a second."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not reached():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("the service did not start")
        time.sleep(0.01)


def is_ready(postmaster: Path) -> bool:
    """Tell whether PostgreSQL says so itself, in the last line of its file."""
    with suppress(OSError):
        return postmaster.read_text().rstrip().endswith("ready")
    return False


def answers(port: int) -> bool:
    """Tell whether the service answers 200."""
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


if __name__ == "__main__":
    sys.exit(main())
