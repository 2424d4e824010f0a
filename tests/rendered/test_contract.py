"""The rendered service against its own OpenAPI document: thousands of requests, good and bad, made by schemathesis."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from fastapi_expert.cli import main

ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery staple", "display_name": "Ada"}
START_LIMIT_SECONDS = 60
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "missing_required_header",
    "unsupported_method",
)


@contextmanager
def running(service: Path) -> Iterator[str]:
    """Serve a rendered service on its own PostgreSQL and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = os.environ | {"PORT": str(port), "LOGIN_LIMIT": "1000/second"}
    with (service / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app"], cwd=service, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while True:
            assert time.monotonic() < deadline, (service / "log").read_text()
            try:
                httpx2.get(f"{address}/health/ready").raise_for_status()
                break
            except httpx2.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def test_nothing_that_a_client_sends_breaks_the_contract(open_folder: Path) -> None:
    service = open_folder / "shop"
    assert main(["new", str(service), "--prefix", "/v1"]) == 0

    with running(service) as address:
        httpx2.post(f"{address}/v1/users", json=ACCOUNT).raise_for_status()
        form = {"username": ACCOUNT["email"], "password": ACCOUNT["password"]}
        token = httpx2.post(f"{address}/v1/auth/token", data=form).raise_for_status().json()["access_token"]
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")),
                *("run", f"{address}/openapi.json", "--header", f"Authorization: Bearer {token}"),
                *("--checks", ",".join(CHECKS), "--mode", "all", "--max-examples", "40", "--seed", "1"),
                *("--phases", "examples,coverage,fuzzing", "--continue-on-failure"),
            ],
            cwd=open_folder,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    assert done.returncode == 0, done.stdout
    logged = [json.loads(line) for line in (service / "log").read_text().splitlines() if line.startswith("{")]
    answered = [line["status"] for line in logged if line["event"] == "request"]
    assert len(answered) > 500
    assert max(answered) < 500
