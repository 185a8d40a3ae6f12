"""A note has a title

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
    op.alter_column("notes", "title", existing_type=sa.String(length=80), nullable=False)


def downgrade():
    op.alter_column("notes", "title", existing_type=sa.String(length=80), nullable=True)
