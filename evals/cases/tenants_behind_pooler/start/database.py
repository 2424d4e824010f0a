import os

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
engine = create_async_engine(
    url.difference_update_query(["sslmode", "channel_binding"]),
    connect_args={"statement_cache_size": 0, "ssl": False},
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, tenant integer NOT NULL, body text NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own ON notes;
CREATE POLICY own ON notes USING (tenant = nullif(current_setting('app.tenant', true), '')::integer);
DO $$ BEGIN CREATE ROLE notes_service; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT SELECT, INSERT ON notes TO notes_service;
GRANT USAGE ON SEQUENCE notes_id_seq TO notes_service;
"""
# The owner of a table is not bound by its policies.
AS_SERVICE = text("SET LOCAL ROLE notes_service")


async def create_schema() -> None:
    async with engine.begin() as connection:
        for statement in SCHEMA.split(";\n"):
            if statement.strip():
                await connection.execute(text(statement))
