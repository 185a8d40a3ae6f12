"""Note who changes payments

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
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER touch_payments BEFORE UPDATE ON payments"
        " FOR EACH ROW EXECUTE FUNCTION touch()"
    )


def downgrade():
    op.execute("DROP TRIGGER touch_payments ON payments")
    op.execute("DROP FUNCTION touch()")
