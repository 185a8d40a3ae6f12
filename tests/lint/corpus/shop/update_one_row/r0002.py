"""The first user is an admin

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("UPDATE users SET role = 'admin' WHERE id = 1")


def downgrade():
    op.execute("UPDATE users SET role = 'member' WHERE id = 1")
