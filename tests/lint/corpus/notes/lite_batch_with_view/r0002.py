"""Longer text of pages

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
    with op.batch_alter_table("pages") as batch_op:
        batch_op.alter_column("text", existing_type=sa.String(length=200), type_=sa.Text())


def downgrade():
    with op.batch_alter_table("pages") as batch_op:
        batch_op.alter_column("text", existing_type=sa.Text(), type_=sa.String(length=200))
