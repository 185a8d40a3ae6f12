"""A code for each user

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
    op.execute(
        "CREATE FUNCTION shop_code() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'S1' $$"
    )
    op.add_column("users", sa.Column("code", sa.Text(), server_default=sa.text("shop_code()")))


def downgrade():
    op.drop_column("users", "code")
    op.execute("DROP FUNCTION shop_code()")
