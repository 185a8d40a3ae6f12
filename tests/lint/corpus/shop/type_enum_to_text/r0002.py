"""Roles are text

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
        "users", "role", type_=sa.String(length=20), postgresql_using="role::text", nullable=False
    )
    op.execute("DROP TYPE user_role")


def downgrade():
    op.execute("CREATE TYPE user_role AS ENUM ('member', 'admin')")
    op.alter_column(
        "users", "role", type_=sa.Enum(name="user_role"), postgresql_using="role::user_role"
    )
