"""Admins are told

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
    bind = op.get_bind()
    admins = bind.execute(sa.text("SELECT count(*) FROM users WHERE role = 'admin'")).scalar_one()
    if admins > 0:
        op.add_column("teams", sa.Column("has_admin", sa.Boolean(), nullable=True))


def downgrade():
    op.drop_column("teams", "has_admin")
