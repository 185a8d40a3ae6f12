"""Days are enough

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
    op.alter_column("users", "seen_at", existing_type=sa.DateTime(timezone=True), type_=sa.Date())


def downgrade():
    op.alter_column("users", "seen_at", existing_type=sa.Date(), type_=sa.DateTime(timezone=True))
