"""A user has a phone

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE users ADD CONSTRAINT nn_users_phone NOT NULL phone NOT VALID")


def downgrade():
    op.execute("ALTER TABLE users DROP CONSTRAINT nn_users_phone")
