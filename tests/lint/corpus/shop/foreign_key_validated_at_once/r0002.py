"""Items belong to an order

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
        "ALTER TABLE items ADD CONSTRAINT fk_items_order_id"
        " FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID"
    )
    op.execute("ALTER TABLE items VALIDATE CONSTRAINT fk_items_order_id")


def downgrade():
    op.drop_constraint("fk_items_order_id", "items", type_="foreignkey")
