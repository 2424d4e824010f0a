"""Up, down and up again, on a database that has tickets, with the URL that Neon prints."""

from fastapi_expert.evals.trial import Trial

LABELS = """
SELECT array_agg(enumlabel::text ORDER BY enumsortorder)
FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid WHERE typname = 'ticket_priority'
"""
COLUMN = """
SELECT udt_name, is_nullable FROM information_schema.columns
WHERE table_name = 'tickets' AND column_name = 'priority'
"""


async def alembic(trial: Trial, *arguments: str) -> str:
    done = await trial.run("-m", "alembic", *arguments)
    assert done.code == 0, f"`alembic {' '.join(arguments)}` failed: …{done.output.strip()[-300:]}"
    return done.output


async def check_upgraded(trial: Trial) -> None:
    """`alembic upgrade head` works with the direct URL, and the tickets that are there become normal."""
    await alembic(trial, "upgrade", "0001")
    await trial.database.execute("INSERT INTO tickets (title) VALUES ('old')")
    await alembic(trial, "upgrade", "head")
    assert await trial.value("SELECT priority::text FROM tickets WHERE title = 'old'") == "normal"


async def check_enum(trial: Trial) -> None:
    """The column is NOT NULL and an enum of three values."""
    await alembic(trial, "upgrade", "head")
    assert await trial.value(LABELS) == ["low", "normal", "high"], await trial.value(LABELS)
    assert await trial.rows(COLUMN) == [{"udt_name": "ticket_priority", "is_nullable": "NO"}]


async def check_model_agrees(trial: Trial) -> None:
    """`alembic check` finds nothing to do, and the model stores the values of the enum."""
    await alembic(trial, "upgrade", "head")
    await alembic(trial, "check")
    shown = "from models import Ticket; print(Ticket.__table__.c.priority.type.enums)"
    done = await trial.run("-c", shown)
    assert done.output.strip() == "['low', 'normal', 'high']", done.output[-200:]


async def check_down_and_up(trial: Trial) -> None:
    """Down one and up again works, and down leaves no type behind."""
    await alembic(trial, "upgrade", "head")
    await alembic(trial, "downgrade", "-1")
    assert await trial.value("SELECT count(*) FROM pg_type WHERE typname = 'ticket_priority'") == 0, "the type is left"
    await alembic(trial, "upgrade", "head")
    assert await trial.value(LABELS) == ["low", "normal", "high"]


async def check_only_asyncpg(trial: Trial) -> None:
    """No other driver is imported."""
    for path in trial.files("*.py"):
        assert "psycopg" not in path.read_text(encoding="utf-8"), f"{path.name} names psycopg"
