"""Quantities may be large

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
    op.alter_column("items", "quantity", existing_type=sa.Integer(), type_=sa.BigInteger())


def downgrade():
    op.alter_column("items", "quantity", existing_type=sa.BigInteger(), type_=sa.Integer())
