"""Orders go with their user

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.drop_constraint("fk_orders_user_id", "orders", type_="foreignkey")
    op.create_foreign_key(
        "fk_orders_user_id", "orders", "users", ["user_id"], ["id"], ondelete="CASCADE"
    )


def downgrade():
    op.drop_constraint("fk_orders_user_id", "orders", type_="foreignkey")
    op.create_foreign_key("fk_orders_user_id", "orders", "users", ["user_id"], ["id"])
