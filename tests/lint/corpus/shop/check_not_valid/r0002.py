"""Quantities are positive

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_check_constraint(
        "ck_items_quantity", "items", "quantity > 0", postgresql_not_valid=True
    )


def downgrade():
    op.drop_constraint("ck_items_quantity", "items", type_="check")
