"""Index the payments of an order

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_payments_order_id", "payments", ["order_id"])


def downgrade():
    op.drop_index("ix_payments_order_id", table_name="payments")
