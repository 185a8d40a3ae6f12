"""A phone, or nothing

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
        "users", "phone", existing_type=sa.String(length=20), server_default="", nullable=False
    )


def downgrade():
    op.alter_column(
        "users", "phone", existing_type=sa.String(length=20), server_default=None, nullable=True
    )
