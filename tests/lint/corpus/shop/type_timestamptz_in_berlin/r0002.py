"""Times know their zone

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
    op.execute("SET LOCAL TimeZone = 'Europe/Berlin'")
    op.alter_column("users", "created_at", type_=sa.DateTime(timezone=True))


def downgrade():
    op.execute("SET LOCAL TimeZone = 'Europe/Berlin'")
    op.alter_column("users", "created_at", type_=sa.DateTime())
