"""Keywords of an order

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "orders",
        sa.Column("keywords", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )


def downgrade():
    op.drop_column("orders", "keywords")
