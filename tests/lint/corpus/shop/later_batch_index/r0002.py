"""Find items by order

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("items") as batch_op:
        batch_op.create_index("ix_items_order_id", ["order_id"])


def downgrade():
    with op.batch_alter_table("items") as batch_op:
        batch_op.drop_index("ix_items_order_id")
