"""States in small letters

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import orm

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

orders = sa.table("orders", sa.column("id", sa.BigInteger), sa.column("state", sa.String))


def upgrade():
    session = orm.Session(bind=op.get_bind())
    session.execute(sa.update(orders).values(state=sa.func.lower(orders.c.state)))
    session.commit()


def downgrade():
    pass
