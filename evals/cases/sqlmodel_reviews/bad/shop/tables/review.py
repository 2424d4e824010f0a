from datetime import UTC, datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel


class Review(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    product_id: int | None = Field(default=None, foreign_key="product.id", index=True)
    stars: int = Field(ge=1, le=5)
    text: str = Field(min_length=1, max_length=2000)
    author: str = Field(min_length=1, max_length=80)
    client_host: str | None = None
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC), sa_type=DateTime(timezone=True))
