"""users

Revision: b8cc5222e207, the first
"""

import sqlalchemy as sa
from alembic import op

# % if fields
# + from sqlalchemy.dialects import postgresql
# % endif

revision = "b8cc5222e207"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "users",
        # % if keys == "uuid"
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        # % else
        # + sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        # % endif
        # = sa.Column("{{ login }}", sa.String(length={{ 254 if login == "email" else 50 }}), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        # % if profile
        sa.Column("display_name", sa.String(length=100), nullable=False),
        sa.Column("bio", sa.String(length=1000), nullable=True),
        # % endif
        # % for field in fields
        # + {{ field.migrated_column }}
        # % endfor
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        # = sa.CheckConstraint("{{ login }} = lower({{ login }})", name=op.f("ck_users_{{ login }}_lower")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_lower")),
        # % for field in fields if field.choices_check
        # + sa.CheckConstraint({{ field.choices_check }}, name=op.f("ck_users_{{ field.name }}_known")),
        # % endfor
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        # = sa.UniqueConstraint("{{ login }}", name=op.f("uq_users_{{ login }}")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        # % for field in fields if field.unique
        # + sa.UniqueConstraint("{{ field.name }}", name=op.f("uq_users_{{ field.name }}")),
        # % endfor
    )
    # % for field in fields if field.index
    # + op.create_index(op.f("ix_users_{{ field.name }}"), "users", ["{{ field.name }}"])
    # % endfor


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("users")
