# % set before = revisions.split("80ee23ba6ad0")[0].split() | last
"""token version

# = Revision: 80ee23ba6ad0, after {{ before }}
Revision: 80ee23ba6ad0, after 2e681a01a3b3
"""

import sqlalchemy as sa
from alembic import op

revision = "80ee23ba6ad0"
# = down_revision = "{{ before }}"
down_revision = "2e681a01a3b3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("users", sa.Column("token_version", sa.Integer(), server_default="1", nullable=False))
    # % if refresh_tokens
    # The default is for the families that exist: they were begun under the first version.
    op.add_column("token_families", sa.Column("token_version", sa.Integer(), server_default="1", nullable=False))
    op.alter_column("token_families", "token_version", server_default=None)
    # % endif


def downgrade() -> None:
    """Take the change back."""
    # % if refresh_tokens
    op.drop_column("token_families", "token_version")
    # % endif
    op.drop_column("users", "token_version")
