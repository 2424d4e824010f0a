# % set before = revisions.split("4edeaa94096a")[0].split() | last
"""user roles

# = Revision: 4edeaa94096a, after {{ before }}
Revision: 4edeaa94096a, after 25ea584f5d2b
"""

import sqlalchemy as sa
from alembic import op

revision = "4edeaa94096a"
# = down_revision = "{{ before }}"
down_revision = "25ea584f5d2b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("users", sa.Column("role", sa.String(length=20), server_default="member", nullable=False))
    op.create_check_constraint(op.f("ck_users_role_known"), "users", "role IN ('member', 'admin')")
    op.create_index("ix_users_created_at_id", "users", ["created_at", "id"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_users_created_at_id", "users")
    op.drop_column("users", "role")
