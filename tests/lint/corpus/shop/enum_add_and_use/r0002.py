"""Guests

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TYPE user_role ADD VALUE 'guest'")
    op.execute("UPDATE users SET role = 'guest' WHERE id = 1")


def downgrade():
    op.execute("UPDATE users SET role = 'member' WHERE role = 'guest'")
