"""Add tickets

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
    op.create_table(
        "tickets",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("level", sa.Enum("low", "high", name="ticket_level"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
    )


def downgrade():
    op.drop_table("tickets")
    op.execute("DROP TYPE ticket_level")
