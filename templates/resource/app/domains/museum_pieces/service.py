# % set refs = fields | selectattr("ref") | list
"""What can be done with museum pieces."""

from collections.abc import Sequence

from app.core.conditional import IfMatch
from app.core.keys import Key
from app.core.transactions import Transactions
from app.domains.museum_pieces.errors import MuseumPieceNotFoundError
from app.domains.museum_pieces.models import MuseumPiece
from app.domains.museum_pieces.repository import MuseumPieceRepository
from app.domains.museum_pieces.schemas import (
    MuseumPieceCreate,
    MuseumPieceQuery,
    MuseumPieceRead,
    MuseumPieceUpdate,
)


class MuseumPieceService:
    # = """Keeps museum pieces{{ " of one user, and from every other" if owned else "" }}."""
    """Keeps museum pieces of one user, and from every other."""

    # % set more = ", transactions: Transactions" if update or delete else ""
    # = def __init__(self, museum_pieces: MuseumPieceRepository{{ more }}) -> None:
    def __init__(self, museum_pieces: MuseumPieceRepository, transactions: Transactions) -> None:
        self._museum_pieces = museum_pieces
        # % if update or delete
        self._transactions = transactions
        # % endif

    # % if create
    async def create(self, wanted: MuseumPieceCreate) -> MuseumPiece:
        """Create a museum piece."""
        return await self._museum_pieces.add(wanted.model_dump())

    # % endif
    # % if read
    async def read(self, museum_piece_id: Key) -> MuseumPieceRead:
        """Read a museum piece.

        Raises:
            MuseumPieceNotFoundError: there is none that the caller may see.
        """
        found = await self._museum_pieces.read(museum_piece_id)
        if found is None:
            raise MuseumPieceNotFoundError
        return found

    # % endif
    # % if list
    # = async def page(self, query: MuseumPieceQuery) -> tuple[Sequence[MuseumPieceRead], {{ beside_type }}]:
    async def page(self, query: MuseumPieceQuery) -> tuple[Sequence[MuseumPieceRead], str | None]:
        # = """Read a page, and {{ beside }}."""
        """Read a page, and the cursor of the next one."""
        return await self._museum_pieces.page(query)

    # % endif
    # % if update
    async def update(self, museum_piece_id: Key, changes: MuseumPieceUpdate, if_match: IfMatch) -> MuseumPiece:
        """Change what was sent, based on the version that the caller has read, if the caller has said which.

        Raises:
            MuseumPieceNotFoundError: there is none that the caller may see.
            PreconditionFailedError: it has changed since.
        """

        async def change() -> MuseumPiece:
            found = await self._find(museum_piece_id)
            if_match.require(found.version)
            columns = changes.model_dump()
            # % if refs
            # + await self._museum_pieces.require_references(columns)
            # % endif
            for column, value in columns.items():
                setattr(found, column, value)
            await self._museum_pieces.save()
            return found

        # Who named no version meant the newest: a change that another one overtook is made again on top of it.
        return await self._transactions.retry(change, "REPEATABLE READ")

    # % endif
    # % if delete
    async def delete(self, museum_piece_id: Key, if_match: IfMatch) -> None:
        """Delete a museum piece, based on the version that the caller has read.

        Raises:
            MuseumPieceNotFoundError: there is none that the caller may see.
            PreconditionFailedError: it has changed since.
        """

        async def remove() -> None:
            found = await self._find(museum_piece_id)
            if_match.require(found.version)
            await self._museum_pieces.delete(found)

        await self._transactions.retry(remove, "REPEATABLE READ")

    # % endif
    # % if update or delete
    async def _find(self, museum_piece_id: Key) -> MuseumPiece:
        found = await self._museum_pieces.find(museum_piece_id)
        if found is None:
            raise MuseumPieceNotFoundError
        return found

    # % endif
