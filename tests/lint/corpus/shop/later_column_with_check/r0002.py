"""The kind of an item

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE items ADD COLUMN kind text CONSTRAINT ck_items_kind CHECK (kind <> '')")


def downgrade():
    op.drop_column("items", "kind")
