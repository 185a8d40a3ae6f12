"""Users and their data

Revision ID: a5e735c5b51c
Revises:
Create Date: 2026-09-07 09:12:44
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "a5e735c5b51c"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def common() -> list[sa.Column[object]]:
    """Return the columns that every table ends with."""
    now = sa.func.now()
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
    ]


def unique_while_kept(column: str) -> None:
    """Create a unique index that lets a deleted user's value be used again."""
    kept = sa.text("deleted_at IS NULL")
    op.create_index(
        op.f(f"uq_users_{column}"),
        "users",
        [column],
        unique=True,
        postgresql_where=kept,
        sqlite_where=kept,
    )


def upgrade() -> None:
    """Create users and user_data."""
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(50), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("full_name", sa.String(255), nullable=True),
        sa.Column("hashed_password", sa.String(255), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("is_superuser", sa.Boolean(), server_default=sa.false(), nullable=False),
        *common(),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    unique_while_kept("username")
    unique_while_kept("email")
    op.create_table(
        "user_data",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("bio", sa.Text(), nullable=True),
        sa.Column("locale", sa.String(35), nullable=True),
        sa.Column("time_zone", sa.String(64), nullable=True),
        *common(),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_data_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_data")),
        sa.UniqueConstraint("user_id", name=op.f("uq_user_data_user_id")),
    )


def downgrade() -> None:
    """Drop user_data and users."""
    op.drop_table("user_data")
    op.drop_table("users")
