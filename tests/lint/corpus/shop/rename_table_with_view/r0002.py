"""Payments are charges, and stay readable

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
    op.execute("CREATE VIEW payments AS SELECT * FROM charges")


def downgrade():
    op.execute("DROP VIEW payments")
    op.rename_table("charges", "payments")
