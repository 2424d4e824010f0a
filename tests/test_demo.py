"""The main job: check the pack, render a service, run it on its own PostgreSQL, stop it, start it again."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

ADA = {"email": "ada@example.com", "password": "correct horse battery staple", "display_name": "Ada"}


@contextmanager
def running_demo(folder: Path) -> Iterator[str]:
    """Run the demo until Ctrl-C; give the address that it prints."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "fastapi_expert.cli", "demo", str(folder), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert demo.stdout is not None
    said = []
    try:
        for line in demo.stdout:
            said.append(line)
            if line.startswith("running"):
                yield line.split()[1].removesuffix("/docs")
                break
        else:
            pytest.fail("".join(said))
    finally:
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=60) == 0, "".join(said)


def test_the_demo_serves_stops_and_comes_back_with_its_data(open_folder: Path) -> None:
    folder = open_folder / "demo-service"

    with running_demo(folder) as address:
        assert httpx2.get(f"{address}/docs").status_code == 200
        assert httpx2.post(f"{address}/users", json=ADA).status_code == 201
    assert not (folder / ".data/postgres/postmaster.pid").exists()

    with running_demo(folder) as address:
        assert httpx2.post(f"{address}/users", json=ADA).status_code == 409


def test_a_port_that_is_taken_is_said_in_a_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "fastapi_expert.cli", "demo", str(tmp_path / "demo"), "--port", port],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert port in done.stderr
    assert not (tmp_path / "demo").exists()
