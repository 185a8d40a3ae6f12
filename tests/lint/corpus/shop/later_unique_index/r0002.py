"""Numbers are unique

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("uq_orders_number", "orders", ["number"], unique=True)


def downgrade():
    op.drop_index("uq_orders_number", table_name="orders")
