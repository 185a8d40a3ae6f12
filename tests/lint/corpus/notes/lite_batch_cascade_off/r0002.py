"""Longer names of users

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
    with op.get_context().autocommit_block():
        op.execute("PRAGMA foreign_keys = OFF")
    with op.batch_alter_table("users") as batch_op:
        batch_op.alter_column("name", existing_type=sa.String(length=80), type_=sa.Text())
    with op.get_context().autocommit_block():
        op.execute("PRAGMA foreign_keys = ON")


def downgrade():
    with op.get_context().autocommit_block():
        op.execute("PRAGMA foreign_keys = OFF")
    with op.batch_alter_table("users") as batch_op:
        batch_op.alter_column("name", existing_type=sa.Text(), type_=sa.String(length=80))
    with op.get_context().autocommit_block():
        op.execute("PRAGMA foreign_keys = ON")
