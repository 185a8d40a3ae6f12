"""Check the measures of 2025

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE measures_2025 VALIDATE CONSTRAINT ck_measures_2025")


def downgrade():
    pass
