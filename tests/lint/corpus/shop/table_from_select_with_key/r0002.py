"""Totals of a user

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
        "user_totals",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("total", sa.Numeric(14, 2), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_totals_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_user_totals"),
    )
    op.execute("INSERT INTO user_totals SELECT user_id, sum(total) FROM orders GROUP BY user_id")


def downgrade():
    op.drop_table("user_totals")
