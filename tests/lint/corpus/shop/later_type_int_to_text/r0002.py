"""Ages are text

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
    op.alter_column(
        "users", "age", existing_type=sa.Integer(), type_=sa.Text(), postgresql_using="age::text"
    )


def downgrade():
    op.alter_column(
        "users", "age", existing_type=sa.Text(), type_=sa.Integer(), postgresql_using="age::integer"
    )
