"""priority"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

priority = sa.Enum("low", "normal", "high", name="ticket_priority")


def upgrade() -> None:
    priority.create(op.get_bind())
    op.add_column("tickets", sa.Column("priority", priority, server_default="normal", nullable=False))


def downgrade() -> None:
    op.drop_column("tickets", "priority")
