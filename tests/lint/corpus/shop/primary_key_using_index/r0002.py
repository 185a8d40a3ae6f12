"""Payments are known by order and code

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    with op.get_context().autocommit_block():
        op.create_index(
            "pk_payments_new",
            "payments",
            ["order_id", "code"],
            unique=True,
            postgresql_concurrently=True,
        )
    op.execute(
        "ALTER TABLE payments DROP CONSTRAINT pk_payments,"
        " ADD CONSTRAINT pk_payments PRIMARY KEY USING INDEX pk_payments_new"
    )


def downgrade():
    op.drop_constraint("pk_payments", "payments", type_="primary")
    op.create_primary_key("pk_payments", "payments", ["id"])
