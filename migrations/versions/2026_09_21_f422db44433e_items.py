"""Items

Revision ID: f422db44433e
Revises: e60d6aa39df4
Create Date: 2026-09-21 11:05:27
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "f422db44433e"
down_revision: str | Sequence[str] | None = "e60d6aa39df4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# SQLite has no decimal numbers: whole cents in an INTEGER there.
MONEY = sa.Numeric(12, 2).with_variant(sa.Integer(), "sqlite")


def common() -> list[sa.Column[object]]:
    """Return the columns that every table ends with."""
    now = sa.func.now()
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
    ]


def upgrade() -> None:
    """Create items; the price's upper bound keeps PostgreSQL's NaN out."""
    op.create_table(
        "items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("price", MONEY, nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        *common(),
        sa.CheckConstraint(
            "price >= 0 AND price < 1000000000000", name=op.f("ck_items_price_amount")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_items_owner_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_title"), "items", ["title"])
    op.create_index(op.f("ix_items_owner_id"), "items", ["owner_id"])


def downgrade() -> None:
    """Drop items."""
    op.drop_table("items")
