"""What autogenerate saw

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
        "users",
        "name",
        existing_type=sa.VARCHAR(length=80),
        type_=sa.String(length=80),
        existing_nullable=False,
    )


def downgrade():
    op.alter_column(
        "users",
        "name",
        existing_type=sa.String(length=80),
        type_=sa.VARCHAR(length=80),
        existing_nullable=False,
    )
