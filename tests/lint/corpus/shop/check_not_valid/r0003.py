"""Check the quantities that are there

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE items VALIDATE CONSTRAINT ck_items_quantity")


def downgrade():
    # The constraint stays; the revision before drops it.
    pass
