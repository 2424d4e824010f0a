"""The table of API keys."""

from datetime import datetime

from sqlalchemy import ARRAY, ForeignKey, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.core.keys import Key, PrimaryKey


class ApiKey(Base):
    """What lets a program act for a user, within scopes. A revoked key is deleted."""

    __tablename__ = "api_keys"

    id: Mapped[PrimaryKey]
    # % if service
    user_id: Mapped[Key] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    # % else
    # + user_id: Mapped[str] = mapped_column(String(255), index=True)
    # % endif
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
