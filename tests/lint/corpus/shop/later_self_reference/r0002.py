"""An item may be a part of another

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
        "ALTER TABLE items ADD COLUMN parent_id integer"
        " CONSTRAINT fk_items_parent_id REFERENCES items (id)"
    )


def downgrade():
    op.drop_column("items", "parent_id")
