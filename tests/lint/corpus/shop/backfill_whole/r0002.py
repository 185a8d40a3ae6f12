"""Every user has a nickname

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("UPDATE users SET nickname = name WHERE nickname IS NULL")


def downgrade():
    pass
