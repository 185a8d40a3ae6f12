"""Payments belong to an order

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_foreign_key(
        "fk_payments_order_id",
        "payments",
        "orders",
        ["order_id"],
        ["id"],
        postgresql_not_valid=True,
    )
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE payments VALIDATE CONSTRAINT fk_payments_order_id")


def downgrade():
    op.drop_constraint("fk_payments_order_id", "payments", type_="foreignkey")
