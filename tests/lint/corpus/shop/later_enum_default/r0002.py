"""New users are guests

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
    op.execute("ALTER TABLE users ALTER COLUMN role SET DEFAULT 'guest'")


def downgrade():
    op.execute("ALTER TABLE users ALTER COLUMN role DROP DEFAULT")
