"""A name is a label

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("marks") as batch_op:
        batch_op.alter_column("name", new_column_name="label")


def downgrade():
    with op.batch_alter_table("marks") as batch_op:
        batch_op.alter_column("label", new_column_name="name")
