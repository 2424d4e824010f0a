"""The database when it refuses, when it goes away, and how it is reached."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.core.database import PING_AFTER_SECONDS, connection_arguments
from tests.proxy import DatabaseProxy
from tests.service import Service, run_service, settings_for

# % if registration
REFUSE_AT_COMMIT = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}'; END $$;
    CREATE CONSTRAINT TRIGGER refuse_at_commit AFTER INSERT ON users
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()
"""


@pytest.fixture
async def refusal(request: pytest.FixtureRequest, service: Service) -> AsyncIterator[None]:
    """Make PostgreSQL refuse every COMMIT that follows an insert of a user."""
    engine = service.resources.engine
    async with engine.begin() as connection:
        for statement in REFUSE_AT_COMMIT.format(sqlstate=request.param).split(";\n"):
            await connection.execute(text(statement))
    yield
    async with engine.begin() as connection:
        await connection.execute(text("DROP FUNCTION refuse CASCADE"))


@pytest.mark.parametrize(
    ("refusal", "status"),
    [("23000", 409), ("40001", 503), ("P0001", 500)],
    indirect=["refusal"],
    ids=["integrity", "serialization", "anything else"],
)
async def test_a_commit_that_fails_is_never_a_success(service: Service, refusal: None, status: int) -> None:
    response = await service.register()

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    async with service.resources.sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM users")) == 0
        # % if jobs
        assert await session.scalar(text("SELECT count(*) FROM pgqueuer")) == 0
        # % endif


# % endif
async def test_the_service_survives_the_loss_of_the_database(service: Service, database_url: str) -> None:
    proxy = DatabaseProxy(database_url)
    await proxy.mend()
    async with run_service(settings_for(proxy.url)) as remote:
        await remote.new_account()

        await proxy.cut()
        for _ in range(2):
            lost = await remote.log_in()
            assert lost.status_code == 503
            assert lost.headers["content-type"] == "application/problem+json"
            assert lost.headers["retry-after"]
        assert (await remote.client.get("http://test/health/ready")).status_code == 503
        assert (await remote.client.get("http://test/health/live")).status_code == 200

        await proxy.mend()
        assert (await remote.log_in()).status_code == 200
        assert (await remote.client.get("http://test/health/ready")).status_code == 200
    await proxy.cut()


async def test_connections_killed_between_requests_cost_nothing(service: Service) -> None:
    await service.new_account()
    async with service.resources.engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await asyncio.sleep(PING_AFTER_SECONDS)  # who was served a moment ago is not asked

    assert (await service.log_in()).status_code == 200


async def test_a_full_pool_is_said_and_not_waited_for_forever(service: Service, database_url: str) -> None:
    settings = settings_for(
        database_url, database_pool_size=1, database_pool_overflow=0, database_pool_timeout_seconds=0.1
    )
    async with run_service(settings) as small, small.resources.engine.connect():
        response = await small.client.get("http://test/health/ready")

    assert response.status_code == 503
    assert response.json()["code"] == "database-unavailable"


@pytest.mark.parametrize(
    "limits",
    [
        {"database_lock_timeout_seconds": 0.05},
        {"database_statement_timeout_seconds": 0.05},
    ],
    ids=["lock", "statement"],
)
async def test_what_takes_too_long_is_given_up_and_said(
    service: Service, database_url: str, limits: dict[str, float]
) -> None:
    await service.new_account()
    async with run_service(settings_for(database_url, **limits)) as impatient:
        async with service.resources.engine.begin() as other:
            await other.execute(text("LOCK TABLE users"))
            response = await impatient.log_in()
        after = await impatient.log_in()

    assert (response.status_code, response.json()["code"]) == (503, "database-unavailable")
    assert response.headers["retry-after"]
    assert after.status_code == 200


@pytest.mark.parametrize("pooled", [False, True], ids=["direct", "pooled"])
async def test_the_timeouts_hold_in_each_transaction(service: Service, database_url: str, *, pooled: bool) -> None:
    settings = settings_for(
        database_url,
        database_url_direct=SecretStr(database_url) if pooled else None,
        database_pool_size=1,
        database_statement_timeout_seconds=1.5,
        database_lock_timeout_seconds=0.25,
    )
    show = text("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
    async with run_service(settings) as other:
        for _ in range(2):
            async with other.resources.sessions() as session:
                assert (await session.execute(show)).one() == ("1500ms", "250ms")
        async with other.resources.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            # A pooler would hand them on to its other clients.
            assert (await connection.execute(show)).one() == (("0", "0") if pooled else ("1500ms", "250ms"))


def test_a_url_as_neon_prints_it_reaches_asyncpg_in_its_own_words() -> None:
    url, arguments = connection_arguments(
        "postgres://ada:s%40cret@ep-cool-1-pooler.eu-central-1.aws.neon.tech/shop?sslmode=require&channel_binding=require"
    )

    assert url == "postgresql+asyncpg://ada:s%40cret@ep-cool-1-pooler.eu-central-1.aws.neon.tech/shop"
    assert isinstance(arguments["ssl"], ssl.SSLContext)
    assert arguments["ssl"].verify_mode is ssl.CERT_REQUIRED
    assert arguments["statement_cache_size"] == 0


def test_a_direct_url_keeps_its_prepared_statements() -> None:
    url, arguments = connection_arguments("postgresql://ada@db.example.com/shop?sslmode=disable")

    assert url == "postgresql+asyncpg://ada@db.example.com/shop"
    assert arguments["ssl"] is False
    assert "statement_cache_size" not in arguments
