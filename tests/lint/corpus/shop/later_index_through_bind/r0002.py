"""Index the codes

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    bind = op.get_bind()
    bind.execute(sa.text("CREATE INDEX ix_payments_code ON payments (code)"))


def downgrade():
    op.drop_index("ix_payments_code", table_name="payments")
