"""Ages are small

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
    op.drop_column("users", "age")
    op.add_column("users", sa.Column("age", sa.SmallInteger(), nullable=True))


def downgrade():
    op.drop_column("users", "age")
    op.add_column("users", sa.Column("age", sa.Integer(), nullable=True))
