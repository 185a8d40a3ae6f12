"""Totals may be negative

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.drop_constraint("ck_orders_total", "orders", type_="check")


def downgrade():
    op.create_check_constraint("ck_orders_total", "orders", "total >= 0")
