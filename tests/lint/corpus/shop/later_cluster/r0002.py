"""Orders in order

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CLUSTER orders USING pk_orders")


def downgrade():
    op.execute("ALTER TABLE orders SET WITHOUT CLUSTER")
