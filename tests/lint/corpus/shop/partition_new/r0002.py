"""Measures of 2026

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
        "CREATE TABLE measures_2026 PARTITION OF measures"
        " FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"
    )


def downgrade():
    op.drop_table("measures_2026")
