"""Index the skus if nobody has

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
        """
        DO $$
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'ix_items_sku') THEN
                EXECUTE 'CREATE ' || 'INDEX ix_items_sku ON items (sku)';
            END IF;
        END
        $$
        """
    )


def downgrade():
    op.execute("DROP INDEX ix_items_sku")
