"""Search notes

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_orders_note_lower", "orders", [sa.text("lower(note)")])


def downgrade():
    op.drop_index("ix_orders_note_lower", table_name="orders")
