"""A note is a remark

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE orders RENAME COLUMN note TO remark")


def downgrade():
    op.execute("ALTER TABLE orders RENAME COLUMN remark TO note")
