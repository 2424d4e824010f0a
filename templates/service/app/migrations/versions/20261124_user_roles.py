# % set before = "b8cc5222e207"
# % set before = "5e0b8c1f7a42" if idempotency else before
# % set before = "d0c467ad7486" if example else before
# % set before = "2e681a01a3b3" if refresh_tokens else before
# % set before = "80ee23ba6ad0" if password_change else before
# % set before = "25ea584f5d2b" if api_keys else before
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
