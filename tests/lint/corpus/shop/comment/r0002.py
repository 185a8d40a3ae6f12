"""Say what a number is

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table_comment("orders", "What was bought", existing_comment=None)


def downgrade():
    op.drop_table_comment("orders", existing_comment="What was bought")
