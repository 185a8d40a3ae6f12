"""Payments are known by order and code

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.drop_constraint("pk_payments", "payments", type_="primary")
    op.create_primary_key("pk_payments", "payments", ["order_id", "code"])


def downgrade():
    op.drop_constraint("pk_payments", "payments", type_="primary")
    op.create_primary_key("pk_payments", "payments", ["id"])
