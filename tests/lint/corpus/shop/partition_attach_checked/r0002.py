"""Measures of 2025 are of 2025

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "ALTER TABLE measures_2025 ADD CONSTRAINT ck_measures_2025 CHECK"
        " (taken_at >= '2025-01-01' AND taken_at < '2026-01-01') NOT VALID"
    )


def downgrade():
    op.execute("ALTER TABLE measures_2025 DROP CONSTRAINT ck_measures_2025")
