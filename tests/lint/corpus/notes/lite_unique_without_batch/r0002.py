"""Titles are unique

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_unique_constraint("uq_notes_title", "notes", ["title"])


def downgrade():
    op.drop_constraint("uq_notes_title", "notes", type_="unique")
