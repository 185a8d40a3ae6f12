"""Longer addresses

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
    op.alter_column(
        "users", "email", existing_type=sa.String(length=120), type_=sa.String(length=255)
    )


def downgrade():
    op.alter_column(
        "users", "email", existing_type=sa.String(length=255), type_=sa.String(length=120)
    )
