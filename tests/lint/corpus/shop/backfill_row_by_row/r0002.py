"""Codes in capitals

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

payments = sa.table("payments", sa.column("id", sa.BigInteger), sa.column("code", sa.String))


def upgrade():
    bind = op.get_bind()
    for row in bind.execute(sa.select(payments.c.id, payments.c.code)).all():
        bind.execute(payments.update().where(payments.c.id == row.id).values(code=row.code.lower()))


def downgrade():
    pass
