"""Say what a state is

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column("orders", "state", existing_type=sa.String(length=20), comment="open or paid")


def downgrade():
    op.alter_column(
        "orders",
        "state",
        existing_type=sa.String(length=20),
        comment=None,
        existing_comment="open or paid",
    )
