"""Check that items belong to an order

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE items VALIDATE CONSTRAINT fk_items_order_id")


def downgrade():
    # The constraint stays; the revision before drops it.
    pass
