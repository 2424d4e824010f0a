"""Refresh tokens alone, without the routes that give them out."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.schema import CreateTable

from app.core.keys import Key
from app.domains.auth.errors import InvalidRefreshTokenError
from app.domains.auth.models import RefreshToken, TokenFamily
from app.domains.auth.refresh_tokens import RefreshTokens
from app.domains.auth.repository import RefreshTokenRepository
from app.domains.users.models import User
from tests.core.tables import tables_alone

pytestmark = pytest.mark.asyncio

LIFETIME = timedelta(days=30)
# = ADA, EVE = {{ two_callers }}
ADA, EVE = uuid.UUID(int=1), uuid.UUID(int=2)
# % if password_change
# Of users the tokens look at no more than this.
USERS = Table("users", MetaData(), Column("id", User.__table__.c.id.type), Column("token_version", Integer))
# % endif

Sessions = async_sessionmaker[AsyncSession]


@pytest_asyncio.fixture
async def sessions(empty_database_url: str) -> AsyncIterator[Sessions]:
    """What makes sessions on a database with the tables of the tokens."""
    async with tables_alone(empty_database_url, TokenFamily, RefreshToken) as sessions:
        # % if password_change
        async with sessions.begin() as session:
            await session.execute(CreateTable(USERS))
            await session.execute(insert(USERS), [{"id": user_id, "token_version": 1} for user_id in (ADA, EVE)])
        # % endif
        yield sessions


# = async def begin(sessions: Sessions, user_id: {{ user_key }} = ADA) -> str:
async def begin(sessions: Sessions, user_id: Key = ADA) -> str:
    """Log somebody in."""
    # = family = TokenFamily(user_id=user_id{{ ", token_version=1" if password_change else "" }})
    family = TokenFamily(user_id=user_id, token_version=1)
    async with sessions.begin() as session:
        return await RefreshTokens(RefreshTokenRepository(session), LIFETIME).begin(family)


async def exchange(sessions: Sessions, token: str) -> str | None:
    """Exchange a token in a request of its own; None when it is refused."""
    async with sessions.begin() as session:
        exchanged = await RefreshTokens(RefreshTokenRepository(session), LIFETIME).exchange(token)
    return None if isinstance(exchanged, InvalidRefreshTokenError) else exchanged[1]


async def log_out(sessions: Sessions, token: str) -> None:
    """End what began with one log-in."""
    async with sessions.begin() as session:
        await RefreshTokens(RefreshTokenRepository(session), LIFETIME).revoke(token)


async def test_each_is_good_for_one_use_which_gives_the_next(sessions: Sessions) -> None:
    token: str | None = await begin(sessions)
    seen = {token}
    for _ in range(3):
        assert token is not None
        token = await exchange(sessions, token)
        seen.add(token)

    assert None not in seen
    assert len(seen) == 4


async def test_it_says_whose_it_is(sessions: Sessions) -> None:
    token = await begin(sessions, EVE)

    async with sessions.begin() as session:
        exchanged = await RefreshTokens(RefreshTokenRepository(session), LIFETIME).exchange(token)

    assert not isinstance(exchanged, InvalidRefreshTokenError)
    assert exchanged[0].user_id == EVE


async def test_only_its_digest_is_stored_and_for_its_lifetime(sessions: Sessions) -> None:
    token = await begin(sessions)

    async with sessions() as session:
        stored = (await session.scalars(select(RefreshToken))).one()

    assert stored.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert stored.expires_at - stored.created_at == LIFETIME


async def test_used_again_it_ends_its_family_and_no_other(sessions: Sessions) -> None:
    token, other = await begin(sessions), await begin(sessions)
    newest = await exchange(sessions, token)
    assert newest is not None

    assert await exchange(sessions, token) is None
    assert await exchange(sessions, newest) is None
    assert await exchange(sessions, other) is not None


async def test_of_many_exchanges_at_once_one_wins(sessions: Sessions) -> None:
    token = await begin(sessions)

    exchanged = await asyncio.gather(*(exchange(sessions, token) for _ in range(5)))

    assert sum(1 for each in exchanged if each) == 1


async def test_expired_it_is_refused_and_nobody_is_suspected(sessions: Sessions) -> None:
    token = await begin(sessions)
    async with sessions.begin() as session:
        await session.execute(text("UPDATE refresh_tokens SET expires_at = now()"))

    assert await exchange(sessions, token) is None

    async with sessions() as session:
        assert (await session.scalars(select(TokenFamily))).one().revoked_at is None


async def test_logging_out_ends_one_family_and_may_be_repeated(sessions: Sessions) -> None:
    token, other = await begin(sessions), await begin(sessions)

    for _ in range(2):
        await log_out(sessions, token)
    await log_out(sessions, "nobody's")

    assert await exchange(sessions, token) is None
    assert await exchange(sessions, other) is not None
