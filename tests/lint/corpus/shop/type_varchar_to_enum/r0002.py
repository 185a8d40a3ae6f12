"""States are an enum

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    states = postgresql.ENUM("open", "paid", name="order_state", create_type=False)
    states.create(op.get_bind(), checkfirst=False)
    op.alter_column(
        "orders",
        "state",
        existing_type=sa.String(length=20),
        type_=states,
        postgresql_using="state::order_state",
    )


def downgrade():
    op.alter_column("orders", "state", type_=sa.String(length=20), postgresql_using="state::text")
    op.execute("DROP TYPE order_state")
