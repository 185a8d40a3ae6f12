"""Payments go

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

payments = sa.table("payments", sa.column("id", sa.BigInteger))


def upgrade():
    op.execute(payments.delete())


def downgrade():
    pass
