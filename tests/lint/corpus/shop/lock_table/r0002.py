"""Numbers in capitals

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("LOCK TABLE payments IN EXCLUSIVE MODE")
    op.execute("UPDATE payments SET code = upper(code)")


def downgrade():
    pass
