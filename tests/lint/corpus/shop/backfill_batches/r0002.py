"""Every user has a nickname

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCHES = """
DO $$
BEGIN
    LOOP
        UPDATE users SET nickname = name
        WHERE id IN (SELECT id FROM users WHERE nickname IS NULL LIMIT 500);
        EXIT WHEN NOT FOUND;
        COMMIT;
    END LOOP;
END
$$
"""


def upgrade():
    with op.get_context().autocommit_block():
        op.execute(BATCHES)


def downgrade():
    pass
