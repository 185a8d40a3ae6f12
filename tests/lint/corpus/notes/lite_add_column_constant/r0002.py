"""A mark has a colour

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
        "marks", sa.Column("colour", sa.String(length=20), server_default="white", nullable=False)
    )


def downgrade():
    with op.batch_alter_table("marks") as batch_op:
        batch_op.drop_column("colour")
