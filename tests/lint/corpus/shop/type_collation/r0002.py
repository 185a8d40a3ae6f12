"""Names sort by bytes

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute('ALTER TABLE users ALTER COLUMN name TYPE varchar(80) COLLATE "C"')


def downgrade():
    op.execute('ALTER TABLE users ALTER COLUMN name TYPE varchar(80) COLLATE "default"')
