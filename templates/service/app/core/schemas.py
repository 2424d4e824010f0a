"""Types that requests and responses are made of."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, EmailStr, Field

WRITTEN_OUT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _refuse_unstorable(value: str) -> str:
    # PostgreSQL can't store U+0000, and UTF-8 can't write half of a surrogate pair; JSON can say both.
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not hold U+0000 or half a surrogate pair")
    return value


def _require_written_out(value: object) -> object:
    # Pydantic also takes numbers, as seconds or milliseconds by their size, which the schema doesn't say.
    if (isinstance(value, str) and not WRITTEN_OUT.match(value)) or isinstance(value, int | float):
        raise ValueError("must be a date and time as RFC 3339 writes it")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:  # the first and the last hours of the calendar
        raise ValueError("is out of range in UTC") from error


Text = Annotated[
    str,
    AfterValidator(_refuse_unstorable),
    Field(json_schema_extra={"pattern": "^[^\\u0000]*$"}),  # so that clients know
]
Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(str.lower)]
# An instant, in UTC whatever zone it was sent in, so that what is answered at once equals what is read later.
Instant = Annotated[AwareDatetime, BeforeValidator(_require_written_out), AfterValidator(_in_utc)]
# What a bigint column holds; a bare int lets larger numbers through to the driver.
Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]


class RequestModel(BaseModel):
    """The base of every request body: a field that isn't declared is refused, not dropped."""

    model_config = ConfigDict(extra="forbid")


class ResponseModel(BaseModel):
    """The base of every response body, made from the object that a service returns."""

    model_config = ConfigDict(from_attributes=True)
