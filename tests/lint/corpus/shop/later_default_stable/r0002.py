"""The day of an order

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
    op.add_column(
        "orders",
        sa.Column(
            "seen_on",
            sa.DateTime(timezone=True),
            server_default=sa.text("date_trunc('day', now())"),
            nullable=False,
        ),
    )


def downgrade():
    op.drop_column("orders", "seen_on")
