"""The rendered service against its own OpenAPI document: thousands of requests, good and bad, made by schemathesis."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from fastapi_expert.cli import main

from .running import running
from .test_service import VARIANTS

ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery staple", "display_name": "Ada"}
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "missing_required_header",
    "unsupported_method",
    "use_after_free",
)


RESOURCES = (
    ("artist", "name:str:unique", "born:date?", "--listing", "offset", "--sort", "name", "--filter", "born"),
    (
        *("record", "title:str", "artist:ref(artist)", "price:decimal(8,2):min=0", "tags:json?", "site:url?"),
        *("--soft-delete", "--sort", "price", "--filter", "artist_id", "--filter", "price"),
    ),
)
FEW = ["--no-example", "--no-api-keys", "--no-refresh-tokens", "--no-password-change", "--no-profile-update"]


@pytest.mark.parametrize(
    ("arguments", "resources", "prefix"),
    [(VARIANTS["default"], (), "/v1"), (VARIANTS["everything"], (), ""), (FEW, RESOURCES, "")],
    ids=["default", "everything", "resources"],
)
def test_nothing_that_a_client_sends_breaks_the_contract(
    open_folder: Path, arguments: list[str], resources: tuple[tuple[str, ...], ...], prefix: str
) -> None:
    service = open_folder / "shop"
    assert main(["new", str(service), "--prefix", prefix, *arguments]) == 0
    for resource in resources:
        assert main(["add", "resource", *resource, "--to", str(service)]) == 0

    with running(service) as instance:
        api = f"{instance.address}{prefix}"
        httpx2.post(f"{api}/users", json=ACCOUNT).raise_for_status()
        promote = [sys.executable, "-m", "app.promote", ACCOUNT["email"]]
        subprocess.run(promote, cwd=service, capture_output=True, check=True)
        form = {"username": ACCOUNT["email"], "password": ACCOUNT["password"]}
        token = httpx2.post(f"{api}/auth/token", data=form).raise_for_status().json()["access_token"]
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")),
                *("run", f"{instance.address}/openapi.json", "--header", f"Authorization: Bearer {token}"),
                *("--checks", ",".join(CHECKS), "--mode", "all", "--max-examples", "40", "--seed", "1"),
                *("--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure"),
            ],
            cwd=open_folder,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    assert done.returncode == 0, done.stdout
    logged = [json.loads(line) for line in instance.log.read_text().splitlines() if line.startswith("{")]
    answered = [line["status"] for line in logged if line["event"] == "request"]
    assert len(answered) > 500
    assert max(answered) < 500
