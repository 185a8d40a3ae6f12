"""A balance for every user

Revision ID: 48db73002fcc
Revises: 832fb1c4e6d1
Create Date: 2026-10-19 10:33:11
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "48db73002fcc"
down_revision: str | Sequence[str] | None = "832fb1c4e6d1"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# SQLite has no decimal numbers: whole cents in an INTEGER there.
MONEY = sa.Numeric(12, 2).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add users.balance, 0 for those who are there; the upper bound keeps PostgreSQL's NaN out."""
    # No batch: SQLite would build `users` anew and, with foreign keys on, empty its children.
    # A CHECK that comes with the column is an ALTER TABLE on both.
    check = sa.CheckConstraint(
        "balance >= 0 AND balance < 1000000000000", name=op.f("ck_users_balance_amount")
    )
    op.add_column(
        "users", sa.Column("balance", MONEY, check, server_default=sa.text("0"), nullable=False)
    )


def downgrade() -> None:
    """Drop users.balance, its CHECK goes with it."""
    op.drop_column("users", "balance")
