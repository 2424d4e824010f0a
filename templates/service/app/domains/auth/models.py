"""The tables of refresh tokens: a log-in begins a family of them, and each is used once, for the next."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.core.keys import Key, PrimaryKey


class TokenFamily(Base):
    """The refresh tokens that descend from one log-in.

    It is revoked here, not in each token: whoever revokes it can't see the token that is being added at that moment.
    """

    __tablename__ = "token_families"

    id: Mapped[PrimaryKey]
    # % if service
    user_id: Mapped[Key] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    # % else
    # + user_id: Mapped[str] = mapped_column(String(255), index=True)
    # % endif
    # % if password_change
    # The user's when they logged in. A family of an older one is void, however its log-in raced with the change.
    token_version: Mapped[int]
    # % endif
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RefreshToken(Base):
    """A refresh token, of which only the digest is kept. A used one stays, so that it is recognised when it returns."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    family_id: Mapped[Key] = mapped_column(ForeignKey("token_families.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
