"""Two more countries

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

countries = sa.table("countries", sa.column("code", sa.String), sa.column("name", sa.String))


def upgrade():
    op.bulk_insert(countries, [{"code": "ZY", "name": "Zy"}, {"code": "ZZ", "name": "Zz"}])


def downgrade():
    op.execute(countries.delete().where(countries.c.code.in_(["ZY", "ZZ"])))
