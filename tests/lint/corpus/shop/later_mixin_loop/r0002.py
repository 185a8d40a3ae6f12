"""Who changed it

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("users", "orders", "items", "payments")


def upgrade():
    for table in TABLES:
        op.add_column(table, sa.Column("changed_by", sa.BigInteger(), nullable=True))


def downgrade():
    for table in TABLES:
        op.drop_column(table, "changed_by")
