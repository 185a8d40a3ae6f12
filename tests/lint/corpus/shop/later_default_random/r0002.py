"""A lot for each user

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
        "users", sa.Column("lot", sa.Double(), server_default=sa.func.random(), nullable=True)
    )


def downgrade():
    op.drop_column("users", "lot")
