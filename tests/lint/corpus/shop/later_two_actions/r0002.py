"""Two columns at once

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE items ADD COLUMN width integer, ADD COLUMN height integer")


def downgrade():
    op.execute("ALTER TABLE items DROP COLUMN width, DROP COLUMN height")
