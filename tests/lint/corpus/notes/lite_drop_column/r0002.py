"""Texts are gone

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
    op.drop_column("notes", "text")


def downgrade():
    op.add_column("notes", sa.Column("text", sa.Text(), nullable=True))
