"""Index the state of orders

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_orders_state", "orders", ["state"], postgresql_concurrently=True)


def downgrade():
    op.drop_index("ix_orders_state", table_name="orders")
