"""Try a colour

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
    op.add_column("items", sa.Column("colour", sa.String(length=20), nullable=True))


def downgrade():
    op.drop_column("items", "colour")
