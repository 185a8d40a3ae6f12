"""The gross price is computed

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
        "ALTER TABLE items ADD COLUMN gross double precision"
        " GENERATED ALWAYS AS (price * quantity) VIRTUAL"
    )


def downgrade():
    op.drop_column("items", "gross")
