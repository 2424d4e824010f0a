# % set before = revisions.split("2e681a01a3b3")[0].split() | last
"""refresh tokens

# = Revision: 2e681a01a3b3, after {{ before }}
Revision: 2e681a01a3b3, after d0c467ad7486
"""

import sqlalchemy as sa
from alembic import op

revision = "2e681a01a3b3"
# = down_revision = "{{ before }}"
down_revision = "d0c467ad7486"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "token_families",
        # % if keys == "uuid"
        # = sa.Column("id", sa.Uuid(), server_default=sa.text("{{ new_uuid }}"), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        # % else
        # + sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        # % endif
        # = sa.Column("user_id", sa.{{ user_column }}, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        # % if service
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_token_families_user_id_users"), ondelete="CASCADE"
        ),
        # % endif
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_families")),
    )
    op.create_index(op.f("ix_token_families_user_id"), "token_families", ["user_id"])
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        # = sa.Column("family_id", sa.{{ "Uuid" if keys == "uuid" else "BigInteger" }}(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["family_id"],
            ["token_families.id"],
            name=op.f("fk_refresh_tokens_family_id_token_families"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(op.f("ix_refresh_tokens_family_id"), "refresh_tokens", ["family_id"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("refresh_tokens")
    op.drop_table("token_families")
