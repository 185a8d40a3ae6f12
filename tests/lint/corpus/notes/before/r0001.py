"""The tables of a notebook, as its first revision made them.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = {
    "users": "id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(80) NOT NULL",
    "notes": "id INTEGER NOT NULL PRIMARY KEY, title VARCHAR(80), text TEXT,"
    " slug VARCHAR(40) NOT NULL UNIQUE,"
    " user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE",
    "tags": "id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL, changes INTEGER DEFAULT 0",
    "amounts": "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,"
    " value INTEGER NOT NULL CHECK (value > 0)",
    "pages": "id INTEGER NOT NULL PRIMARY KEY, text VARCHAR(200) NOT NULL",
    "marks": "id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL,"
    " CONSTRAINT uq_marks_name UNIQUE (name)",
}


def upgrade():
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} ({columns})")
    op.execute(
        "CREATE TRIGGER count_changes AFTER UPDATE OF name ON tags"
        " BEGIN UPDATE tags SET changes = changes + 1 WHERE id = NEW.id; END"
    )
    op.execute("CREATE VIEW long_pages AS SELECT id FROM pages WHERE length(text) > 100")


def downgrade():
    op.execute("DROP VIEW long_pages")
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE {name}")
