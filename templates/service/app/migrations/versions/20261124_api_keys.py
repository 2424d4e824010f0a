# % set before = revisions.split("25ea584f5d2b")[0].split() | last
"""API keys

# = Revision: 25ea584f5d2b, after {{ before }}
Revision: 25ea584f5d2b, after 80ee23ba6ad0
"""

import sqlalchemy as sa
from alembic import op

revision = "25ea584f5d2b"
# = down_revision = "{{ before }}"
down_revision = "80ee23ba6ad0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "api_keys",
        # % if keys == "uuid"
        # = sa.Column("id", sa.Uuid(), server_default=sa.text("{{ new_uuid }}"), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        # % else
        # + sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        # % endif
        # = sa.Column("user_id", sa.{{ user_column }}, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.String(length=50)), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        # % if service
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id_users"), ondelete="CASCADE"),
        # % endif
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    op.create_index(op.f("ix_api_keys_user_id"), "api_keys", ["user_id"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("api_keys")
