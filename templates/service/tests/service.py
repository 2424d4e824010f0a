"""The running service as the tests see it: a client of it, and somebody who has an account."""

import asyncio

# % if fields
# + import datetime as dt
# + from decimal import Decimal
# % endif
import itertools
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text

from app import paths
from app.core.keys import Key
from app.core.resources import Resources
from app.core.tokens import AccessClaims
from app.domains.users.models import User
from app.domains.users.repository import UserRepository
from app.domains.users.schemas import UserCreate
from app.main import create_app
from app.settings import API_PREFIX, Settings

JWT_SECRET = "a key for the tests, long enough for HS256"
PASSWORD = "correct horse battery staple"
# = LOGIN_FIELD = "{{ login }}"
LOGIN_FIELD = "email"
# = ADA, EVE = {{ '"ada@example.com", "eve@example.com"' if login == "email" else '"ada", "eve"' }}
ADA, EVE = "ada@example.com", "eve@example.com"
# = NOBODYS_KEY = {{ "uuid.UUID(int=7)" if keys == "uuid" else "2**63 - 1" }}
NOBODYS_KEY = uuid.UUID(int=7)
NO_KEYS = ["0", "-1", str(2**70), "no-key", "%00", "9" * 5000]


def settings_for(database_url: str, **changes: object) -> Settings:
    """Settings for a database, independent of the developer's environment."""
    values: dict[str, object] = {"database_url": SecretStr(database_url), "jwt_secret": SecretStr(JWT_SECRET)}
    # % if rate_limit
    values["login_limit"] = "1000/second"  # every test is the same client
    # % endif
    return Settings.model_validate(values | changes)


def profile(number: int) -> dict[str, Any]:
    """What a registration carries besides name and password; `number` makes unique values differ."""
    assert number > 0
    return {
        # % if profile
        "display_name": "Ada",
        # % endif
        # % for field in fields
        # + "{{ field.name }}": {{ field.usual }},
        # % endfor
    }


@dataclass(frozen=True)
class Account:
    """Somebody who has an account, the name they log in with, and the headers that prove who they are."""

    id: Key
    login: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Service:
    """A running application and a client of it."""

    app: FastAPI
    client: httpx2.AsyncClient
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def resources(self) -> Resources:
        """What the lifespan opened."""
        resources = self.app.state.resources
        assert isinstance(resources, Resources)
        return resources

    def registration(self, login: str = ADA, **fields: object) -> dict[str, object]:
        """The body of a registration, with changes."""
        return {LOGIN_FIELD: login, "password": PASSWORD} | profile(next(self.numbers)) | fields

    # % if registration
    async def register(self, login: str = ADA, **fields: object) -> httpx2.Response:
        """Try to register."""
        return await self.client.post(paths.REGISTER, json=self.registration(login, **fields))

    # % endif
    async def log_in(self, login: str = ADA, password: str = PASSWORD) -> httpx2.Response:
        """Try to log in."""
        # % if login_body == "form"
        return await self.client.post(paths.LOGIN, data={"username": login, "password": password})
        # % else
        # + return await self.client.post(paths.LOGIN, json={LOGIN_FIELD: login, "password": password})
        # % endif

    async def new_account(self, login: str = ADA, **fields: object) -> Account:
        """Make an account, and the token that logging in would give: without the time that takes."""
        async with self.resources.sessions.begin() as session:
            registration = UserCreate.model_validate(self.registration(login, **fields))
            password_hash = await self.resources.passwords.hash(registration.password)
            user = User(**registration.model_dump(exclude={"password"}), password_hash=password_hash)
            await UserRepository(session).add(user)
        # = claims = AccessClaims(user.id{{ ", token_version=1" if password_change else "" }})
        claims = AccessClaims(user.id, token_version=1)
        headers = {"Authorization": f"Bearer {self.resources.tokens.issue(claims)}"}
        # = return Account(user.id, user.{{ login }}, headers)
        return Account(user.id, user.email, headers)

    async def wait_for_lock_waits(self, number: int) -> list[int]:
        """Wait until so many connections wait for locks that others hold, and give their server processes."""
        waiting = text(
            "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        async with asyncio.timeout(30), self.resources.engine.connect() as connection:
            watch = await connection.execution_options(isolation_level="AUTOCOMMIT")  # a transaction sees one moment
            while len(processes := (await watch.scalars(waiting)).all()) < number:  # noqa: ASYNC110 - not our process
                await asyncio.sleep(0.01)
        return list(processes)


@asynccontextmanager
async def run_service(settings: Settings) -> AsyncIterator[Service]:
    """Run the application with its lifespan, which `ASGITransport` alone would skip."""
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=f"http://test{API_PREFIX}") as client,
    ):
        yield Service(app, client)
