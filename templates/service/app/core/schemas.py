"""Types that requests and responses are made of."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    JsonValue,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

UNKNOWN_FIELDS_NAMED = 20
WRITTEN_OUT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")
DAY_WRITTEN_OUT = re.compile(r"\d{4}-\d\d-\d\d")
HTTP_URL = TypeAdapter(HttpUrl)
URL_LIMIT = 2083
JSON_LIMIT = 10_000  # characters


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


def _require_day_written_out(value: object) -> object:
    if (isinstance(value, str) and not DAY_WRITTEN_OUT.fullmatch(value)) or isinstance(value, int | float):
        raise ValueError("must be a date as RFC 3339 writes it")
    return value


def _refuse_unstorable_json(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except ValueError as error:
        raise ValueError("must hold neither NaN nor Infinity, which JSON doesn't have") from error
    if len(text) > JSON_LIMIT:
        raise ValueError(f"must have at most {JSON_LIMIT} characters")
    # Each backslash of the value was written as two: what is left of a single one is an escape.
    _refuse_unstorable(text.replace("\\\\", "").replace("\\u0000", "\x00"))
    return value


def _as_url(value: str) -> str:
    try:
        url = str(HTTP_URL.validate_python(value))
    except ValidationError as error:
        raise ValueError("must be a URL of http or https") from error
    if len(url) > URL_LIMIT:
        raise ValueError(f"must have at most {URL_LIMIT} characters when it is written out")
    return url


def scaled(places: int) -> Callable[[Decimal], Decimal]:
    """Make a validator that writes a number as its column does, with so many places after the point and no `-0`."""
    unit = Decimal(1).scaleb(-places)
    return lambda value: value.quantize(unit) + 0


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
# % if login == "username"
# + # Kept in lower case, so that it is unique in any case.
# + Username = Annotated[
# +     str, Field(min_length=3, max_length=50, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"), AfterValidator(str.lower)
# + ]
# % endif
# An instant, in UTC whatever zone it was sent in, so that what is answered at once equals what is read later.
Instant = Annotated[AwareDatetime, BeforeValidator(_require_written_out), AfterValidator(_in_utc)]
# A day, of no time zone.
Day = Annotated[date, BeforeValidator(_require_day_written_out)]
# What an integer column holds.
Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
# What a bigint column holds; a bare int lets larger numbers through to the driver.
Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Url = Annotated[str, AfterValidator(_as_url), Field(json_schema_extra={"format": "uri", "maxLength": URL_LIMIT})]
JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_refuse_unstorable_json)]


class RequestModel(BaseModel):
    """The base of every request body: a field that isn't declared is refused, not dropped."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def refuse_too_many_fields(cls, value: object) -> object:
        """Spare the work of an error for each unknown field, of which a body of a megabyte has room for 80,000."""
        if isinstance(value, dict) and len(value) > len(cls.model_fields) + UNKNOWN_FIELDS_NAMED:
            raise PydanticCustomError("too_many_fields", "Has many more fields than are known")
        return value


class ResponseModel(BaseModel):
    """The base of every response body, made from the object that a service returns."""

    model_config = ConfigDict(from_attributes=True)
