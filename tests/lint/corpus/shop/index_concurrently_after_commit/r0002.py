"""Index the names of users

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("COMMIT")
    op.create_index("ix_users_name", "users", ["name"], postgresql_concurrently=True)


def downgrade():
    op.drop_index("ix_users_name", table_name="users")
