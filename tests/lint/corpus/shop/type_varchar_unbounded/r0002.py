"""Skus of any length

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
    op.alter_column("items", "sku", existing_type=sa.String(length=30), type_=sa.String())


def downgrade():
    op.alter_column("items", "sku", existing_type=sa.String(), type_=sa.String(length=30))
