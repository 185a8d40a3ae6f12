"""Trim the notes

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(sa.text("UPDATE orders SET note = trim(note)"))


def downgrade():
    pass
