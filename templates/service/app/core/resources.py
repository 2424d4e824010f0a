"""What the application holds while it runs, opened by the lifespan and handed out by dependency."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core.passwords import PasswordHasher
from app.core.tokens import AccessTokens
from app.settings import Settings


@dataclass(frozen=True)
class Resources:
    """One of each for the process."""

    settings: Settings
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    passwords: PasswordHasher
    tokens: AccessTokens


async def get_resources(connection: HTTPConnection) -> Resources:
    """Give the resources that the lifespan put on the application."""
    return cast("Resources", connection.app.state.resources)


ResourcesDep = Annotated[Resources, Depends(get_resources)]
