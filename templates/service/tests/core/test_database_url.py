"""How a database is reached that is named as its provider names it."""

import ssl

from app.core.database import connection_arguments


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
