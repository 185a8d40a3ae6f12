"""A user may be in a team

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
    op.add_column("users", sa.Column("team_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_users_team_id", "users", "teams", ["team_id"], ["id"])


def downgrade():
    op.drop_constraint("fk_users_team_id", "users", type_="foreignkey")
    op.drop_column("users", "team_id")
