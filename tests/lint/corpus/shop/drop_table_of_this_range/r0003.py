"""The trial is over

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.drop_table("trial")


def downgrade():
    op.create_table("trial", sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True))
