<%!
    import re

    def text(message):
        """Escape what would end the docstring, unless dbctl has done so already."""
        if re.fullmatch(r'''(?:[^"\'\\]|\\["\'\\])*''', message):
            return message
        return message.replace("\\", "\\\\").replace('"', '\\"')
%>\
"""${message | text}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision: str = ${repr(up_revision)}
down_revision: str | Sequence[str] | None = ${repr(down_revision)}
branch_labels: str | Sequence[str] | None = ${repr(branch_labels)}
depends_on: str | Sequence[str] | None = ${repr(depends_on)}


def upgrade() -> None:
    """Apply this revision."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Undo it."""
    ${downgrades if downgrades else "pass"}
