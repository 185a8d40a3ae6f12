"""A schema for reports

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
    op.execute("CREATE SCHEMA reports")
    op.create_table(
        "runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        schema="reports",
    )
    op.execute("CREATE INDEX ix_runs_id ON reports.runs (id)")


def downgrade():
    op.drop_table("runs", schema="reports")
    op.execute("DROP SCHEMA reports")
