"""Marks belong to a note

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
    with op.batch_alter_table("marks") as batch_op:
        batch_op.add_column(sa.Column("note_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(None, "notes", ["note_id"], ["id"])


def downgrade():
    with op.batch_alter_table("marks") as batch_op:
        batch_op.drop_column("note_id")
