"""What readiness depends on."""

from sqlalchemy import text

from app.core.database import SessionDep


async def reach_database(session: SessionDep) -> None:
    """Ask the database for anything at all.

    Raises:
        DatabaseUnavailableError: there is no answer.
    """
    await session.execute(text("SELECT 1"))
