from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator
from sqlalchemy import Column, DateTime, func
from sqlmodel import Field, SQLModel


def _storable(value: str) -> str:
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not hold U+0000 or half a surrogate pair")
    return value


Text = Annotated[str, AfterValidator(_storable)]


class ReviewSent(SQLModel):
    stars: int = Field(ge=1, le=5)
    text: Text = Field(min_length=1, max_length=2000)
    author: Text = Field(min_length=1, max_length=80)


class ReviewShown(SQLModel):
    id: int
    stars: int
    text: str
    author: str
    created_at: datetime


# A table skips validation: it is filled from a ReviewSent, never from a request.
class Review(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    product_id: int = Field(foreign_key="product.id", index=True)
    stars: int
    text: str
    author: str
    client_host: str
    created_at: datetime = Field(
        default_factory=lambda: datetime.now(UTC),
        sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False),
    )
