"""Names as the convention has them

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE users RENAME CONSTRAINT uq_users_email TO users_email_key")


def downgrade():
    op.execute("ALTER TABLE users RENAME CONSTRAINT users_email_key TO uq_users_email")
