"""Pages by key: a cursor names the last row seen. Rows may come and go, and each page costs the same."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError
from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.core.errors import InvalidRequestError
from app.core.keys import Key
from app.core.schemas import RequestModel, ResponseModel

Item = TypeVar("Item")
Row = TypeVar("Row")


class InvalidCursorError(InvalidRequestError):
    """The cursor is of another listing, or of none."""

    code = "invalid-cursor"
    detail = "The cursor doesn't belong to this listing. Start again without it, and keep `sort` from page to page."


class Cursor(BaseModel):
    """The place after a row: the order it was listed in, its value in that order, and its id, which breaks ties."""

    sort: str
    value: str
    id: Key

    def encode(self) -> str:
        """Write it as one opaque word."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, word: object) -> Self:
        """Read what `encode` wrote.

        Raises:
            ValueError: the word is none of ours.
        """
        try:
            return cls.model_validate_json(base64.urlsafe_b64decode(f"{word}{'=' * (-len(str(word)) % 4)}"))
        except (ValidationError, binascii.Error, UnicodeEncodeError) as error:
            raise ValueError("is not a cursor that this service gave out") from error


class PageQuery(RequestModel):
    """What every listing takes. A listing adds `sort`, with the orders that it allows, and its filters."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[Cursor, BeforeValidator(Cursor.decode, json_schema_input_type=str)] | None = None


class Page(ResponseModel, Generic[Item]):
    """Some items, and how to ask for those after them."""

    items: list[Item]
    next_cursor: str | None = Field(description="give it as `cursor` for the next page; null on the last one")


class KeysetOrder(Generic[Row]):
    """One order of a listing: by a column that is never null, then by the key.

    Each order wants an index on the listing's owner, the column and the key, or a deep page is a scan.
    """

    def __init__(self, column: InstrumentedAttribute[Any], key: InstrumentedAttribute[Key]) -> None:
        self._column = column
        self._key = key
        self._value: TypeAdapter[Any] = TypeAdapter(column.type.python_type)

    def page(self, statement: Select[Row], query: PageQuery, sort: str) -> Select[Row]:
        """Restrict a statement to the page asked for, and one row more, which tells whether there is another.

        Args:
            statement: selects the rows of the listing.
            query: what the client asked for.
            sort: the name of this order; a `-` before it turns it round.

        Raises:
            InvalidCursorError: the cursor is of another order.
        """
        descending = sort.startswith("-")
        if query.cursor is not None:
            here, row = self._place(query.cursor, sort), tuple_(self._column, self._key)
            statement = statement.where(row < here if descending else row > here)
        order = [column.desc() if descending else column.asc() for column in (self._column, self._key)]
        return statement.order_by(*order).limit(query.limit + 1)

    def next_cursor(self, rows: Sequence[Any], query: PageQuery, sort: str) -> str | None:
        """Name the place after the page, if `page` found a row beyond it."""
        if len(rows) <= query.limit:
            return None
        last = rows[query.limit - 1]
        value = self._value.dump_python(getattr(last, self._column.key), mode="json")
        return Cursor(sort=sort, value=str(value), id=getattr(last, self._key.key)).encode()

    def _place(self, cursor: Cursor, sort: str) -> Any:  # noqa: ANN401 - SQLAlchemy's own tuple type is untyped
        if cursor.sort != sort:
            raise InvalidCursorError
        try:
            value = self._value.validate_python(cursor.value)
        except ValidationError as error:
            raise InvalidCursorError from error
        return tuple_(literal(value, self._column.type), literal(cursor.id, self._key.type))
