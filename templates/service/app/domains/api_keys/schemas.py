"""What clients send and get of API keys."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from app.core.keys import Key
from app.core.schemas import Instant, RequestModel, ResponseModel, Text


class Scope(StrEnum):
    """What a key may be good for. A route that takes keys asks for one of these; all others take no key at all."""

    # % if service
    PROFILE_READ = "profile:read"
    # % else
    # + READ = "read"
    # + WRITE = "write"
    # % endif
    # % if example
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    # % endif


def _in_the_future(value: datetime) -> datetime:
    if value <= datetime.now(UTC):
        raise ValueError("must be in the future")
    return value


class ApiKeyCreate(RequestModel):
    """A new key. Without `expires_at` it is good until it is deleted."""

    name: Annotated[Text, Field(min_length=1, max_length=100, examples=["nightly export"])]
    # = scopes: Annotated[set[Scope], Field(min_length=1, examples=[["{{ first_scope }}"]])]
    scopes: Annotated[set[Scope], Field(min_length=1, examples=[["profile:read"]])]
    expires_at: Annotated[Instant, AfterValidator(_in_the_future)] | None = None


class ApiKeyRead(ResponseModel):
    """A key, without its secret."""

    id: Key
    name: str = Field(examples=["nightly export"])
    prefix: str = Field(description="how the key begins", examples=["3f9c2a7be01d5486"])
    # = scopes: list[str] = Field(examples=[["{{ first_scope }}"]])
    scopes: list[str] = Field(examples=[["profile:read"]])
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="to the minute")
    created_at: datetime


class ApiKeyCreated(ApiKeyRead):
    """A new key, with the one chance to read it whole."""

    key: str = Field(description="send it as `X-API-Key`; it can't be shown again")
