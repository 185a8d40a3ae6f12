"""A memo for a note

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE orders ADD COLUMN memo text, DROP COLUMN note")


def downgrade():
    op.execute("ALTER TABLE orders DROP COLUMN memo, ADD COLUMN note text")
