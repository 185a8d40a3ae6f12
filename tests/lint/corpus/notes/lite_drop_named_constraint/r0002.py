"""Names need not be unique

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
        batch_op.drop_constraint("uq_marks_name", type_="unique")


def downgrade():
    with op.batch_alter_table("marks") as batch_op:
        batch_op.create_unique_constraint("uq_marks_name", ["name"])
