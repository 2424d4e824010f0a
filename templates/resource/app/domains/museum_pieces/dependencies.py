"""How a route gets at museum pieces."""

from typing import Annotated

from fastapi import Depends

from app.core.database import SessionDep
from app.core.transactions import TransactionsDep
from app.domains.auth.dependencies import CurrentUser
from app.domains.museum_pieces.repository import MuseumPieceRepository
from app.domains.museum_pieces.service import MuseumPieceService


async def get_museum_piece_service(
    session: SessionDep,
    # % if update
    transactions: TransactionsDep,
    # % endif
    # % if owned
    user: CurrentUser,
    # % endif
) -> MuseumPieceService:
    # = """Give the service {{ "for the caller's own, " if owned else "" }}on the request's transaction."""
    """Give the service for the caller's own, on the request's transaction."""
    # = repository = MuseumPieceRepository(session{{ ", user.id" if owned else "" }})
    repository = MuseumPieceRepository(session, user.id)
    # = return MuseumPieceService(repository{{ ", transactions" if update else "" }})
    return MuseumPieceService(repository, transactions)


MuseumPieceServiceDep = Annotated[MuseumPieceService, Depends(get_museum_piece_service)]
