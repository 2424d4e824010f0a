<%!
def without_remarks(operations):
    """Leave out Alembic's "please adjust!"."""
    lines = [line for line in (operations or "").splitlines() if not line.strip().startswith("# ###")]
    return "\n".join(lines).strip() or "pass"
%>"""${message}

Revision: ${up_revision}, after ${down_revision | comma,n}
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Apply the change."""
    ${without_remarks(upgrades)}


def downgrade() -> None:
    """Take the change back."""
    ${without_remarks(downgrades)}
