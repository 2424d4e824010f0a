"""The table of museum pieces."""

# + import datetime as dt
# + import uuid
# + from decimal import Decimal
# + from typing import Any
from datetime import datetime

# + from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, DateTime, Integer, Numeric, Text, Uuid, text
# + from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy import ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.core.keys import Key, PrimaryKey


class MuseumPiece(Base):
    """A museum piece. `version` counts its changes, so that none is lost unseen."""

    __tablename__ = "museum_pieces"
    __table_args__ = (
        # % for field in fields if field.choices_check
        # + CheckConstraint({{ field.choices_check }}, name="{{ field.name }}_known"),
        # % endfor
        # % for field in fields if field.unique
        # % set index = "uq_museum_pieces_" ~ in_owner ~ field.name
        # = Index("{{ index }}", {{ of_owner }}"{{ field.name }}", unique=True{{ live }}),
        Index("uq_museum_pieces_owner_id_name", "owner_id", "name", unique=True),
        # % endfor
        # % for column in ["created_at"] + sort
        # = Index("ix_museum_pieces_{{ in_owner }}{{ column }}_id", {{ of_owner }}"{{ column }}", "id"),
        Index("ix_museum_pieces_owner_id_created_at_id", "owner_id", "created_at", "id"),
        # % endfor
    )

    id: Mapped[PrimaryKey]
    # % if owned
    owner_id: Mapped[Key] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # % endif
    # % for field in fields
    # = {{ field.plain_column }}
    name: Mapped[str] = mapped_column(String(200))
    # % endfor
    # % if soft_delete
    # + deleted_at: Mapped[datetime | None]
    # % endif
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    __mapper_args__ = {"version_id_col": version, "eager_defaults": True}  # noqa: RUF012
