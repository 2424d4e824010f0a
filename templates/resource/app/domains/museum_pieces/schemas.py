"""What clients send and get of museum pieces."""

# + import datetime as dt
# + import uuid
# + from decimal import Decimal
# + from typing import Any
# + from pydantic import AfterValidator
# + from app.core.offset_pagination import OffsetQuery
# + from app.core.schemas import Day, Email, Instant, Int32, Int64, JsonObject, Url, scaled
from datetime import datetime
from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.core.keys import Key
from app.core.pagination import PageQuery
from app.core.schemas import RequestModel, ResponseModel, Text

# % for field in fields
# = {{ field.sent_type }}
NameValue = Annotated[Text, Field(min_length=1, max_length=200, examples=["Name"])]
# % endfor
# % if list
# = MuseumPieceSort = Literal[{{ sorts }}]
MuseumPieceSort = Literal["created_at", "-created_at"]
# % endif


# % if create
class MuseumPieceCreate(RequestModel):
    """A new museum piece."""

    # % for field in fields
    # = {{ field.created }}
    name: NameValue
    # % endfor


# % endif
# % if update
class MuseumPieceUpdate(RequestModel):
    """A change of a museum piece. What is missing stays as it is."""

    # % for field in fields
    # = {{ field.changed }}
    name: NameValue | MISSING = MISSING
    # % endfor


# % endif
# % if list
class MuseumPieceFilter(RequestModel):
    """Which museum pieces to list; everything that is given must hold."""

    # % for field in fields if field.name in filter
    # + {{ field.filtered(keys) }}
    # % endfor


# = class MuseumPieceQuery(MuseumPieceFilter, {{ "PageQuery" if listing == "keyset" else "OffsetQuery" }}):
class MuseumPieceQuery(MuseumPieceFilter, PageQuery):
    """A listing page by page."""

    sort: MuseumPieceSort = "-created_at"


# % endif
class MuseumPieceRead(ResponseModel):
    """A museum piece."""

    id: Key
    # % for field in fields
    # = {{ field.read }}
    name: str = Field(examples=["Name"])
    # % endfor
    version: int = Field(examples=[1])
    created_at: datetime
    updated_at: datetime
