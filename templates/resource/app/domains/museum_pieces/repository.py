# % set refs = fields | selectattr("ref") | list
# % set uniques = fields | selectattr("unique") | list
"""Reads and writes museum pieces; whose they are is settled when it is made."""

# + from datetime import UTC, datetime
# + from typing import Any
# + from sqlalchemy import Select, func
# + from app.core.errors import DomainError
from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from app.core.database import violates
from app.core.direct_reads import DirectRead, select_for
from app.core.errors import ConflictError, PreconditionFailedError
from app.core.keys import Key
from app.core.pagination import KeysetOrder

# % for field in fields if field.ref and field.ref.name != name
# + from app.domains.{{ field.ref.folder }}.models import {{ field.ref.model }}
# % endfor
# % for field in fields if field.ref
# + from app.domains.museum_pieces.errors import MuseumPiece{{ field.pascal }}UnknownError
# % endfor
# % if referenced and delete and not soft_delete
# + from app.domains.museum_pieces.errors import MuseumPieceInUseError
# % endif
# % for field in fields if field.unique
# + from app.domains.museum_pieces.errors import MuseumPiece{{ field.pascal }}TakenError
# % endfor
from app.domains.museum_pieces.errors import MuseumPieceNameTakenError
from app.domains.museum_pieces.models import MuseumPiece
from app.domains.museum_pieces.schemas import MuseumPieceFilter, MuseumPieceQuery, MuseumPieceRead

VISIBLE: tuple[ColumnElement[bool], ...] = (
    # % if owned
    MuseumPiece.owner_id == bindparam("owner_id"),
    # % endif
    # % if soft_delete
    # + MuseumPiece.deleted_at.is_(None),
    # % endif
)
BY_ID = (MuseumPiece.id == bindparam("museum_piece_id"), *VISIBLE)
MUSEUM_PIECE = DirectRead(MuseumPieceRead, select_for(MuseumPieceRead, MuseumPiece).where(*BY_ID))
# % if list
# % if listing == "keyset"
ORDERS = {
    # % for column in ["created_at"] + sort
    # = "{{ column }}": KeysetOrder[MuseumPiece](MuseumPiece.{{ column }}, MuseumPiece.id),
    "created_at": KeysetOrder[MuseumPiece](MuseumPiece.created_at, MuseumPiece.id),
    # % endfor
}
# % else
# + ORDERS = {
# % for column in ["created_at"] + sort
# +     "{{ column }}": (MuseumPiece.{{ column }}, MuseumPiece.id),
# % endfor
# + }
# % endif
FILTERS: dict[str, ColumnElement[bool]] = {
    # % for field in fields if field.name in filter
    # + "{{ field.name }}": MuseumPiece.{{ field.name }} == bindparam("{{ field.name }}"),
    # % endfor
}
# % endif
# % if uniques or refs
# = REFUSED: dict[str, type[{{ "DomainError" if refs else "ConflictError" }}]] = {
REFUSED: dict[str, type[ConflictError]] = {
    # % for field in fields if field.unique
    # = "uq_museum_pieces_{{ in_owner }}{{ field.name }}": MuseumPiece{{ field.pascal }}TakenError,
    "uq_museum_pieces_owner_id_name": MuseumPieceNameTakenError,
    # % endfor
    # % for field in fields if field.ref
    # + "fk_museum_pieces_{{ field.name }}_{{ field.ref.folder }}": MuseumPiece{{ field.pascal }}UnknownError,
    # % endfor
}
# % endif
# % if refs
# + REFERENCES: dict[str, tuple[Select[Any], type[DomainError]]] = {
# % for field in fields if field.ref
# +     "{{ field.name }}": ({{ field.ref.lookup(field.name) }}, MuseumPiece{{ field.pascal }}UnknownError),
# % endfor
# + }
# % endif


# % if list and listing == "keyset"
@cache
def listing(sort: str, filters: frozenset[str], *, continued: bool) -> DirectRead[MuseumPieceRead]:
    """Make the statement of a listing; each combination is made once."""
    wanted = (*VISIBLE, *(FILTERS[name] for name in sorted(filters)))
    matching = select_for(MuseumPieceRead, MuseumPiece).where(*wanted)
    return DirectRead(MuseumPieceRead, ORDERS[sort.removeprefix("-")].page(matching, sort, continued=continued))


# % endif
# % if list and listing == "offset"
# + @cache
# + def listing(sort: str, filters: frozenset[str]) -> DirectRead[MuseumPieceRead]:
# +     """Make the statement of a listing; each combination is made once."""
# +     columns = ORDERS[sort.removeprefix("-")]
# +     order = [column.desc() if sort.startswith("-") else column.asc() for column in columns]
# +     wanted = (*VISIBLE, *(FILTERS[name] for name in sorted(filters)))
# +     matching = select_for(MuseumPieceRead, MuseumPiece).where(*wanted)
# +     page = matching.order_by(*order).limit(bindparam("limit")).offset(bindparam("offset"))
# +     return DirectRead(MuseumPieceRead, page)
# +
# +
# % endif
class MuseumPieceRepository:
    # = """Museum pieces {{ "of one owner " if owned else "" }}in the transaction of one session."""
    """Museum pieces of one owner in the transaction of one session."""

    # = def __init__(self, session: AsyncSession{{ ", owner_id: Key" if owned else "" }}) -> None:
    def __init__(self, session: AsyncSession, owner_id: Key) -> None:
        self._session = session
        # = self._all_have: dict[str, object] = {{ '{"owner_id": owner_id}' if owned else "{}" }}
        self._all_have: dict[str, object] = {"owner_id": owner_id}

    # % if create
    async def add(self, columns: Mapping[str, object]) -> MuseumPiece:
        """Insert a museum piece.

        Raises:
            DomainError: a value is taken, or refers to nothing.
        """
        # % if refs
        # + await self.require_references(columns)
        # % endif
        added = MuseumPiece(**self._all_have, **columns)
        self._session.add(added)
        await self.save()
        return added

    # % endif
    # % if read
    async def read(self, museum_piece_id: Key) -> MuseumPieceRead | None:
        """Read a museum piece as it is shown."""
        return await MUSEUM_PIECE.first(self._session, self._all_have | {"museum_piece_id": museum_piece_id})

    # % endif
    # % if update or delete
    async def find(self, museum_piece_id: Key) -> MuseumPiece | None:
        """Load a museum piece to change it."""
        wanted = self._all_have | {"museum_piece_id": museum_piece_id}
        return await self._session.scalar(select(MuseumPiece).where(*BY_ID), wanted)

    # % endif
    # % if list and listing == "keyset"
    async def page(self, query: MuseumPieceQuery) -> tuple[Sequence[MuseumPieceRead], str | None]:
        """Read a page as it is shown, and the cursor of the next one.

        Raises:
            InvalidCursorError: the cursor is of another listing.
        """
        order = ORDERS[query.sort.removeprefix("-")]
        wanted = query.model_dump(include=set(MuseumPieceFilter.model_fields), exclude_none=True)
        values = self._all_have | wanted | order.place(query, query.sort)
        statement = listing(query.sort, frozenset(wanted), continued=query.cursor is not None)
        found = await statement.all(self._session, values)
        return found[: query.limit], order.next_cursor(found, query, query.sort)

    # % endif
    # % if list and listing == "offset"
    # + async def page(self, query: MuseumPieceQuery) -> tuple[Sequence[MuseumPieceRead], int]:
    # +     """Read a page as it is shown, and how many there are in all."""
    # +     wanted = query.model_dump(include=set(MuseumPieceFilter.model_fields), exclude_none=True)
    # +     values = self._all_have | wanted
    # +     place = {"limit": query.limit, "offset": query.offset}
    # +     found = await listing(query.sort, frozenset(wanted)).all(self._session, values | place)
    # +     matching = (*VISIBLE, *(FILTERS[name] for name in wanted))
    # +     count = select(func.count()).select_from(MuseumPiece).where(*matching)
    # +     return found, await self._session.scalar(count, values) or 0
    # +
    # % endif
    # % if refs and (update or create)
    # + async def require_references(self, columns: Mapping[str, object]) -> None:
    # +     """Insist that what these columns refer to exists.
    # +
    # +     Raises:
    # +         DomainError: it doesn't, or is somebody else's.
    # +     """
    # +     for name, (statement, unknown) in REFERENCES.items():
    # +         if columns.get(name) is None:
    # +             continue
    # +         if await self._session.scalar(statement, self._all_have | {name: columns[name]}) is None:
    # +             raise unknown
    # +
    # % endif
    # % if delete
    async def delete(self, row: MuseumPiece) -> None:
        """Delete a museum piece.

        Raises:
            PreconditionFailedError: it was changed by somebody else in the meantime.
            # % if referenced and not soft_delete
            # + MuseumPieceInUseError: something refers to it.
            # % endif
        """
        # % if soft_delete
        # + row.deleted_at = datetime.now(UTC)
        # + await self.save()
        # % elif referenced
        # + await self._session.delete(row)
        # + try:
        # +     await self._session.flush()
        # + except StaleDataError as error:
        # +     raise PreconditionFailedError from error
        # + except IntegrityError as error:
        # +     raise MuseumPieceInUseError from error
        # % else
        await self._session.delete(row)
        await self.save()
        # % endif

    # % endif
    async def save(self) -> None:
        """Send the changes made to loaded museum pieces.

        Raises:
            PreconditionFailedError: one was changed by somebody else in the meantime.
            # % if uniques or refs
            DomainError: a value is taken, or refers to nothing.
            # % endif
        """
        try:
            await self._session.flush()
        except StaleDataError as error:
            raise PreconditionFailedError from error
        # % if uniques or refs
        except IntegrityError as error:
            for constraint, refusal in REFUSED.items():
                if violates(error, constraint):
                    raise refusal from error
            raise
        # % endif
