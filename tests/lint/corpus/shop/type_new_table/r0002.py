"""Add a log, then widen it

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
    op.create_table(
        "log",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log"),
    )
    op.alter_column("log", "size", existing_type=sa.Integer(), type_=sa.BigInteger())


def downgrade():
    op.drop_table("log")
