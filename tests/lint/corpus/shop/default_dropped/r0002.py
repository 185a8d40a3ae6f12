"""Whether a user is active must be said

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
    op.alter_column("users", "is_active", existing_type=sa.Boolean(), server_default=None)


def downgrade():
    op.alter_column("users", "is_active", existing_type=sa.Boolean(), server_default=sa.true())
