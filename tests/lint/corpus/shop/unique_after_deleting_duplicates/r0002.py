"""One item of a sku

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("DELETE FROM items a USING items b WHERE a.sku = b.sku AND a.id > b.id")
    op.create_unique_constraint("uq_items_sku", "items", ["sku"])


def downgrade():
    op.drop_constraint("uq_items_sku", "items", type_="unique")
