"""Years of the orders that are there

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    with op.get_context().autocommit_block():
        op.execute(
            """
            DO $$ BEGIN
                LOOP
                    UPDATE orders SET year = extract(year FROM placed_at) WHERE id IN
                        (SELECT id FROM orders WHERE year IS NULL LIMIT 1000);
                    EXIT WHEN NOT FOUND;
                    COMMIT;
                END LOOP;
            END $$
            """
        )


def downgrade():
    pass
