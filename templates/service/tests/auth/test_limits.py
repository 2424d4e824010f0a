"""How often passwords may be tried; how limits are kept is tried in `tests/core/test_rate_limits.py`."""

from collections.abc import AsyncIterator

import pytest

from app import paths
from tests.service import EVE, Service, run_service, settings_for


@pytest.fixture
async def strict(service: Service, database_url: str) -> AsyncIterator[Service]:
    """The service with three log-ins a minute."""
    async with run_service(settings_for(database_url, login_limit="3/minute")) as running:
        yield running


async def test_log_ins_beyond_the_limit_are_refused_and_nothing_else_is(strict: Service) -> None:
    statuses = [(await strict.log_in(EVE, "guess")).status_code for _ in range(4)]

    assert statuses == [401, 401, 401, 429]
    assert (await strict.client.get(paths.ME)).status_code == 401


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
