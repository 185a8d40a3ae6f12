"""Marks have a name

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
        batch_op.create_check_constraint("ck_marks_name", "name <> ''")


def downgrade():
    with op.batch_alter_table("marks") as batch_op:
        batch_op.drop_constraint("ck_marks_name", type_="check")
