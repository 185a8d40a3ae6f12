"""Items have a price

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE items ADD CONSTRAINT ck_items_price CHECK (price > 0) NOT VALID")
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE items VALIDATE CONSTRAINT ck_items_price")


def downgrade():
    op.drop_constraint("ck_items_price", "items", type_="check")
