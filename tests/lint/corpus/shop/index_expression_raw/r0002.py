"""Look users up by the lower-case name

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE INDEX ix_users_lower_name ON users (lower(name))")


def downgrade():
    op.execute("DROP INDEX ix_users_lower_name")
