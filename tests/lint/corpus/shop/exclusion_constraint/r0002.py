"""No two orders with one number

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "ALTER TABLE orders ADD CONSTRAINT ex_orders_number EXCLUDE USING btree (number WITH =)"
    )


def downgrade():
    op.drop_constraint("ex_orders_number", "orders")
