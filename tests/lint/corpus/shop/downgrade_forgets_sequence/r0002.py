"""Add stars to items

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
    op.add_column("items", sa.Column("stars", sa.SmallInteger(), nullable=True))
    op.execute("CREATE SEQUENCE star_numbers")


def downgrade():
    op.drop_column("items", "stars")
