"""Order ids are large

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
    op.alter_column("items", "order_id", existing_type=sa.BigInteger(), type_=sa.Numeric(20, 0))


def downgrade():
    op.alter_column("items", "order_id", existing_type=sa.Numeric(20, 0), type_=sa.BigInteger())
