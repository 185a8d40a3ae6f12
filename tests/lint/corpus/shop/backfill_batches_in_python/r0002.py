"""Every user has a nickname

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = sa.text(
    "UPDATE users SET nickname = name"
    " WHERE id IN (SELECT id FROM users WHERE nickname IS NULL LIMIT 500)"
)


def upgrade():
    with op.get_context().autocommit_block():
        while op.get_bind().execute(BATCH).rowcount:
            pass


def downgrade():
    pass
