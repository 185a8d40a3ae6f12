"""Codes are longer

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
        "payments", "code", existing_type=sa.String(length=8), type_=sa.String(length=16)
    )


def downgrade():
    op.drop_column("payments", "code")
    op.add_column(
        "payments", sa.Column("code", sa.String(length=8), server_default="", nullable=False)
    )
    op.alter_column("payments", "code", server_default=None)
