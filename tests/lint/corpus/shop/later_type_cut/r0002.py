"""Two letters of a code

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE payments ALTER COLUMN code TYPE varchar(2) USING left(code, 2)")


def downgrade():
    op.execute("ALTER TABLE payments ALTER COLUMN code TYPE varchar(8)")
