"""Add the channel of an order

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
    op.add_column("orders", sa.Column("channel", sa.String(length=20), nullable=True))
    op.create_index("ix_orders_channel", "orders", ["channel"])


def downgrade():
    op.drop_index("ix_orders_channel", table_name="orders")
    op.drop_column("orders", "channel")
