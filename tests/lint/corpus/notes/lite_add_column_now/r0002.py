"""A note knows its change

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
    op.add_column(
        "notes",
        sa.Column("changed_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
    )


def downgrade():
    with op.batch_alter_table("notes") as batch_op:
        batch_op.drop_column("changed_at")
