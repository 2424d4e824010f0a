"""Runs the migrations of `app/migrations/` from code; `alembic upgrade head` does the same from a shell."""

from pathlib import Path

from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def migration_config(database_url: str) -> Config:
    """Give Alembic's configuration for a database; `env.py` reads the URL from its attributes."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["database_url"] = database_url
    return config


def upgrade_database(database_url: str) -> None:
    """Bring the schema to the newest revision. Blocks: from async code, call it in a thread."""
    command.upgrade(migration_config(database_url), "head")
