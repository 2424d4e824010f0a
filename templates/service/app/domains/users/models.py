"""The table of users."""

# % if fields
# + import datetime as dt
# + import uuid
# + from decimal import Decimal
# + from typing import Any
# % endif
from datetime import datetime
from enum import StrEnum

# % if fields
# + from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Numeric, Text, Uuid
# + from sqlalchemy.dialects.postgresql import JSONB
# % endif
from sqlalchemy import CheckConstraint, Enum, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base
from app.core.keys import PrimaryKey


# % if roles
class Role(StrEnum):
    """What a user may do beyond their own things."""

    MEMBER = "member"
    ADMIN = "admin"


# % endif
class User(Base):
    # = """Somebody with an account. The {{ login_words }} is kept in lower case, so that it is unique in any case."""
    """Somebody with an account. The e-mail address is kept in lower case, so that it is unique in any case."""

    __tablename__ = "users"
    __table_args__ = (
        # = CheckConstraint("{{ login }} = lower({{ login }})", name="{{ login }}_lower"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        # % for field in fields if field.choices_check
        # + CheckConstraint({{ field.choices_check }}, name="{{ field.name }}_known"),
        # % endfor
        # % if roles
        Index("ix_users_created_at_id", "created_at", "id"),
        # % endif
    )

    id: Mapped[PrimaryKey]
    # = {{ login }}: Mapped[str] = mapped_column(String({{ 254 if login == "email" else 50 }}), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    # % if profile
    display_name: Mapped[str] = mapped_column(String(100))
    bio: Mapped[str | None] = mapped_column(String(1000))
    # % endif
    # % for field in fields
    # + {{ field.column }}
    # % endfor
    # % if password_change
    # Counts the changes of the password. Whatever was issued under another number is void.
    token_version: Mapped[int] = mapped_column(server_default="1")
    # % endif
    # % if roles
    role: Mapped[Role] = mapped_column(
        Enum(
            Role,
            native_enum=False,
            create_constraint=True,
            length=20,
            name="role_known",
            values_callable=lambda roles: [role.value for role in roles],
        ),
        server_default=Role.MEMBER,
    )
    # % endif
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
