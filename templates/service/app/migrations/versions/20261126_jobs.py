# % set before = revisions.split("9c41f7d26b05")[0].split() | last
"""jobs

# = Revision: 9c41f7d26b05, after {{ before }}
Revision: 9c41f7d26b05, after 4edeaa94096a
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

revision = "9c41f7d26b05"
# = down_revision = "{{ before }}"
down_revision = "4edeaa94096a"
branch_labels = None
depends_on = None


def run_script(script: str) -> None:
    """Run several statements at once, which only the driver's own `execute` takes."""
    connection: Any = op.get_bind().connection.dbapi_connection
    # % if service
    connection.run_async(lambda asyncpg_connection: asyncpg_connection.execute(script))
    # % else
    # + if hasattr(connection, "run_async"):
    # +     connection.run_async(lambda asyncpg_connection: asyncpg_connection.execute(script))
    # + else:
    # +     connection.cursor().execute(script)
    # % endif


def upgrade() -> None:
    """Apply the change."""
    # % if service
    op.create_table(
        "deliveries",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deliveries")),
    )
    # % endif
    run_script(QueryBuilderEnvironment().build_install_query())


def downgrade() -> None:
    """Take the change back."""
    run_script(QueryBuilderEnvironment().build_uninstall_query())
    # % if service
    op.drop_table("deliveries")
    # % endif
