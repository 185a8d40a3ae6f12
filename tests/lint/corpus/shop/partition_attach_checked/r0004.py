"""Measures of 2025

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "ALTER TABLE measures ATTACH PARTITION measures_2025"
        " FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')"
    )


def downgrade():
    op.execute("ALTER TABLE measures DETACH PARTITION measures_2025")
