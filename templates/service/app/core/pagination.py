# % if keyset_pages
"""Pages by key: a cursor names the last row seen. Rows may come and go, and each page costs the same."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError
from sqlalchemy import Select, bindparam, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.core.errors import InvalidRequestError

# % if not service
# + from pydantic import AwareDatetime
# % endif
from app.core.schemas import Instant, RequestModel, ResponseModel

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
    id: str

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


# = class PageQuery({{ "RequestModel" if service else 'BaseModel, extra="forbid"' }}):
class PageQuery(RequestModel):
    """What every listing takes. A listing adds `sort`, with the orders that it allows, and its filters."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[Cursor, BeforeValidator(Cursor.decode, json_schema_input_type=str)] | None = None


# = class Page({{ "ResponseModel" if service else "BaseModel" }}, Generic[Item]):
class Page(ResponseModel, Generic[Item]):
    """Some items, and how to ask for those after them."""

    items: list[Item]
    next_cursor: str | None = Field(description="give it as `cursor` for the next page; null on the last one")


class KeysetOrder(Generic[Row]):
    """One order of a listing: by a column that is never null, then by the key.

    Each order wants an index on the listing's owner, the column and the key, or a deep page is a scan.
    """

    def __init__(self, column: InstrumentedAttribute[Any], key: InstrumentedAttribute[Any]) -> None:
        self._column = column
        self._key = key
        kind = column.type.python_type
        # = self._value = TypeAdapter[Any]({{ instant }} else kind)
        self._value = TypeAdapter[Any](Instant if kind is datetime else kind)
        self._id = TypeAdapter[Any](key.type.python_type)

    def page(self, statement: Select[Row], sort: str, *, continued: bool) -> Select[Row]:
        """Restrict a statement to one page, and one row more, which tells whether there is another.

        What it looks like depends on nothing but the arguments; `place` gives the values of its parameters.

        Args:
            statement: selects the rows of the listing.
            sort: the name of this order; a `-` before it turns it round.
            continued: whether the page comes after a cursor.
        """
        descending = sort.startswith("-")
        if continued:
            row = tuple_(self._column, self._key)
            after = {"after_value": self._column.type, "after_id": self._key.type}
            here = tuple_(*(bindparam(name, type_=kind) for name, kind in after.items()))
            statement = statement.where(row < here if descending else row > here)
        order = [column.desc() if descending else column.asc() for column in (self._column, self._key)]
        return statement.order_by(*order).limit(bindparam("rows"))

    def place(self, query: PageQuery, sort: str) -> dict[str, object]:
        """Give the values of the parameters of `page`.

        Raises:
            InvalidCursorError: the cursor is of another order.
        """
        place: dict[str, object] = {"rows": query.limit + 1}
        if query.cursor is not None:
            if query.cursor.sort != sort:
                raise InvalidCursorError
            try:
                place["after_value"] = self._value.validate_strings(query.cursor.value)
                place["after_id"] = self._id.validate_strings(query.cursor.id)
            except ValidationError as error:
                raise InvalidCursorError from error
        return place

    def next_cursor(self, rows: Sequence[Any], query: PageQuery, sort: str) -> str | None:
        """Name the place after the page, if `page` found a row beyond it."""
        if len(rows) <= query.limit:
            return None
        last = rows[query.limit - 1]
        value = self._value.dump_python(getattr(last, self._column.key), mode="json")
        return Cursor(sort=sort, value=str(value), id=str(getattr(last, self._key.key))).encode()


# % endif
