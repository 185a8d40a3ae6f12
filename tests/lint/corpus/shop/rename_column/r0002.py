"""A note is a remark

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column("orders", "note", new_column_name="remark")


def downgrade():
    op.alter_column("orders", "remark", new_column_name="note")
