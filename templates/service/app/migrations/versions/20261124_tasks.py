# % set before = revisions.split("d0c467ad7486")[0].split() | last
"""tasks

# = Revision: d0c467ad7486, after {{ before }}
Revision: d0c467ad7486, after 5e0b8c1f7a42
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "d0c467ad7486"
# = down_revision = "{{ before }}"
down_revision = "5e0b8c1f7a42"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "tasks",
        # % if keys == "uuid"
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        # % else
        # + sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        # % endif
        # = sa.Column("owner_id", sa.{{ "Uuid" if keys == "uuid" else "BigInteger" }}(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.String(length=10_000), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="open", nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminder", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("priority BETWEEN 1 AND 5", name=op.f("ck_tasks_priority_range")),
        sa.CheckConstraint("status IN ('open', 'done')", name=op.f("ck_tasks_status_known")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_tasks_owner_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_owner_id_created_at_id", "tasks", ["owner_id", "created_at", "id"])
    op.create_index("ix_tasks_owner_id_priority_id", "tasks", ["owner_id", "priority", "id"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("tasks")
