"""A user has a phone

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column("users", "phone", existing_type=sa.String(length=20), nullable=False)
    op.drop_constraint("ck_users_phone", "users", type_="check")


def downgrade():
    op.execute(
        "ALTER TABLE users ADD CONSTRAINT ck_users_phone CHECK (phone IS NOT NULL) NOT VALID"
    )
    op.alter_column("users", "phone", existing_type=sa.String(length=20), nullable=True)
