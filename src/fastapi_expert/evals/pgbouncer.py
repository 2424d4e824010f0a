"""PgBouncer on loopback, in transaction mode as Neon runs it."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Debian installs it where only root's PATH looks.
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin")


@contextmanager
def running_pgbouncer(socket_directory: Path, user: str | None, **settings: str | int) -> Iterator[int]:
    """Run PgBouncer before the PostgreSQL that listens in `socket_directory`, and give its port on 127.0.0.1.

    Args:
        socket_directory: where PostgreSQL has its socket.
        user: the system user to run as, where this process is root: PgBouncer refuses to be root.
        settings: more lines for the section [pgbouncer].

    Raises:
        RuntimeError: PgBouncer ended before it was ready.
    """
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        users = directory / "users.txt"
        users.write_text('"postgres" ""\n')
        lines = {
            "listen_addr": "127.0.0.1",
            "listen_port": port,
            "unix_socket_dir": "",
            "auth_type": "trust",
            "auth_file": users,
            "pool_mode": "transaction",
            "log_connections": 0,
            "log_disconnections": 0,
            "log_stats": 0,
            **_without_prepared_statements(),
            **settings,
        }
        configuration = directory / "pgbouncer.ini"
        configuration.write_text(
            f"[databases]\n* = host={socket_directory}\n\n[pgbouncer]\n"
            + "".join(f"{key} = {value}\n" for key, value in lines.items())
        )
        command = [str(PROGRAM), *(("-u", user) if user else ()), str(configuration)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                _wait_until_up(process)
                yield port
            finally:
                process.kill()  # it keeps nothing that a gentler end would save


def _wait_until_up(process: subprocess.Popen[str]) -> None:
    log = []
    for line in process.stderr or ():
        if "process up" in line:
            return
        log.append(line)
    raise RuntimeError(f"PgBouncer did not start:\n{''.join(log)}")


def _without_prepared_statements() -> dict[str, int]:
    # Up to 1.20 PgBouncer knew nothing of prepared statements; from 1.21 on it can follow them, and may by default.
    version = subprocess.run([str(PROGRAM), "--version"], check=True, capture_output=True, text=True).stdout
    major, minor = map(int, re.findall(r"\d+", version)[:2])
    return {"max_prepared_statements": 0} if (major, minor) >= (1, 21) else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
