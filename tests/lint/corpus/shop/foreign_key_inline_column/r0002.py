"""A user may be in a team

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
        "ALTER TABLE users ADD COLUMN team_id bigint"
        " CONSTRAINT fk_users_team_id REFERENCES teams (id)"
    )


def downgrade():
    op.drop_column("users", "team_id")
