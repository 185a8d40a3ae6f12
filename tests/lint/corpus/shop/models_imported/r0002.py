"""A team for everybody

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    from models import Team

    teams = Team.__table__
    op.execute(teams.insert().values(id=1000, name="Everybody"))


def downgrade():
    op.execute("DELETE FROM teams WHERE id = 1000")
