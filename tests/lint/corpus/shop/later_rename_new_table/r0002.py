"""Add a log

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
    op.create_table("logg", sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True))
    op.rename_table("logg", "log")


def downgrade():
    op.drop_table("log")
