"""An order's number is unique

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    with op.get_context().autocommit_block():
        op.create_index(
            "uq_orders_number", "orders", ["number"], unique=True, postgresql_concurrently=True
        )
    op.execute(
        "ALTER TABLE orders ADD CONSTRAINT uq_orders_number UNIQUE USING INDEX uq_orders_number"
    )


def downgrade():
    op.drop_constraint("uq_orders_number", "orders", type_="unique")
