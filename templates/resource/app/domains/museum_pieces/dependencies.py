"""How a route gets at museum pieces."""

from typing import Annotated

from fastapi import Depends

from app.core.database import SessionDep
from app.core.transactions import Transactions
from app.domains.auth.dependencies import CallerDep
from app.domains.museum_pieces.repository import MuseumPieceRepository
from app.domains.museum_pieces.service import MuseumPieceService


async def get_museum_piece_service(
    session: SessionDep,
    # % if owned
    caller: CallerDep,
    # % endif
) -> MuseumPieceService:
    # = """Give the service {{ "for the caller's own, " if owned else "" }}on the request's transaction."""
    """Give the service for the caller's own, on the request's transaction."""
    # = repository = MuseumPieceRepository(session{{ ", caller.id" if owned else "" }})
    repository = MuseumPieceRepository(session, caller.id)
    # = return MuseumPieceService(repository{{ ", Transactions(session)" if update or delete else "" }})
    return MuseumPieceService(repository, Transactions(session))


MuseumPieceServiceDep = Annotated[MuseumPieceService, Depends(get_museum_piece_service)]
