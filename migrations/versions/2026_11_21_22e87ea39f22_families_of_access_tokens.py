"""Families of access tokens

Revision ID: 22e87ea39f22
Revises: b4f5eb5c7406
Create Date: 2026-11-21 17:27:01
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "22e87ea39f22"
down_revision: str | Sequence[str] | None = "b4f5eb5c7406"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Let an access token know its sign-in; those of before belong to none, and expire."""
    op.add_column("tokens", sa.Column("family", sa.String(36), nullable=True))


def downgrade() -> None:
    """Forget the sign-ins; the tokens stay valid."""
    op.drop_column("tokens", "family")
