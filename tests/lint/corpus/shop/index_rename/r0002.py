"""Name the index as the others are

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER INDEX ix_orders_user_id RENAME TO ix_orders_user")


def downgrade():
    op.execute("ALTER INDEX ix_orders_user RENAME TO ix_orders_user_id")
