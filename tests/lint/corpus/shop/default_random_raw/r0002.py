"""A lot for each user

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE users ADD COLUMN lot double precision DEFAULT random()")


def downgrade():
    op.drop_column("users", "lot")
