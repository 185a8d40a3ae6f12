"""The first user is a guest

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("UPDATE users SET role = 'guest' WHERE id = 1")


def downgrade():
    op.execute("UPDATE users SET role = 'member' WHERE id = 1")
