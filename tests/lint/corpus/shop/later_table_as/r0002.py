"""A copy of the names

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE TABLE names AS SELECT id, name FROM users")


def downgrade():
    op.drop_table("names")
