"""Settings are json

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column(
        "users",
        "settings",
        existing_type=sa.Text(),
        type_=postgresql.JSONB(),
        postgresql_using="settings::jsonb",
    )


def downgrade():
    op.alter_column(
        "users",
        "settings",
        existing_type=postgresql.JSONB(),
        type_=sa.Text(),
        postgresql_using="settings::text",
    )
