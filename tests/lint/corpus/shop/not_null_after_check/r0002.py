"""A user has a phone, later

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "ALTER TABLE users ADD CONSTRAINT ck_users_phone CHECK (phone IS NOT NULL) NOT VALID"
    )


def downgrade():
    op.drop_constraint("ck_users_phone", "users", type_="check")
