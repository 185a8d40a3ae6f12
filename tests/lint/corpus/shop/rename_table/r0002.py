"""Payments are charges

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.rename_table("payments", "charges")


def downgrade():
    op.rename_table("charges", "payments")
