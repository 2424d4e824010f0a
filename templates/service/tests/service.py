"""The running service as the tests see it: a client of it, and somebody who has an account."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
from fastapi import FastAPI
from pydantic import SecretStr

from app.core.resources import Resources
from app.core.tokens import AccessClaims
from app.main import create_app
from app.settings import API_PREFIX, Settings

JWT_SECRET = "a key for the tests, long enough for HS256"
PASSWORD = "correct horse battery staple"


def settings_for(database_url: str, **changes: object) -> Settings:
    """Settings for a database, independent of the developer's environment."""
    values: dict[str, object] = {"database_url": SecretStr(database_url), "jwt_secret": SecretStr(JWT_SECRET)}
    # % if rate_limit
    values["login_limit"] = "1000/second"  # every test is the same client
    # % endif
    return Settings.model_validate(values | changes)


@dataclass(frozen=True)
class Account:
    """Somebody who registered, and the headers that prove it."""

    id: str
    email: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Service:
    """A running application and a client of it."""

    app: FastAPI
    client: httpx2.AsyncClient

    @property
    def resources(self) -> Resources:
        """What the lifespan opened."""
        resources = self.app.state.resources
        assert isinstance(resources, Resources)
        return resources

    async def register(self, email: str = "ada@example.com", **fields: object) -> httpx2.Response:
        """Try to register."""
        body = {"email": email, "password": PASSWORD, "display_name": "Ada"} | fields
        return await self.client.post("/users", json=body)

    async def log_in(self, username: str = "ada@example.com", password: str = PASSWORD) -> httpx2.Response:
        """Try to log in."""
        return await self.client.post("/auth/token", data={"username": username, "password": password})

    async def new_account(self, email: str = "ada@example.com") -> Account:
        """Register, and get the token that logging in would give: without the time that takes."""
        user = (await self.register(email)).raise_for_status().json()
        # = claims = AccessClaims(uuid.UUID(user["id"]){{ ", token_version=1" if password_change else "" }})
        claims = AccessClaims(uuid.UUID(user["id"]), token_version=1)
        return Account(user["id"], user["email"], {"Authorization": f"Bearer {self.resources.tokens.issue(claims)}"})


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
