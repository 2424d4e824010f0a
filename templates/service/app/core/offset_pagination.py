# % if counted_pages
"""Pages by number, with a total: for people who leaf through a listing, where rows that come and go may shift it.

Each page reads and throws away all rows before it, so the offset has a bound; `pagination.py` has pages without one.
"""

from typing import Annotated, Generic, TypeVar

from pydantic import Field

from app.core.schemas import RequestModel, ResponseModel

Item = TypeVar("Item")


class OffsetQuery(RequestModel):
    """What a listing by number takes. A listing adds `sort`, with the orders that it allows, and its filters."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    offset: Annotated[int, Field(ge=0, le=10_000)] = 0


class CountedPage(ResponseModel, Generic[Item]):
    """Some items, and how many there are in all."""

    items: list[Item]
    total: int = Field(examples=[42])


# % endif
