"""Index what reports sort by

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXED = [("orders", "placed_at"), ("items", "sku")]


def upgrade():
    for table, column in INDEXED:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade():
    for table, column in INDEXED:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
