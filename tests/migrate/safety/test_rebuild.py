"""What a batch rebuild on SQLite loses is said, and a row is never lost."""

import sqlite3
from contextlib import closing

import pytest

from tests.migrate.conftest import Run
from tests.projects.make import Project

TABLES = """\
op.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY, a TEXT, CHECK (a <> 'never'))")
op.execute("CREATE TABLE child (id INTEGER PRIMARY KEY,"
           " of INTEGER REFERENCES parent ON DELETE CASCADE)")
op.execute("CREATE TRIGGER noted AFTER UPDATE ON parent BEGIN SELECT 1; END")
op.execute("CREATE INDEX lower_a ON parent (lower(a))")
op.execute("INSERT INTO parent VALUES (1, 'x')")
op.execute("INSERT INTO child VALUES (1, 1), (2, 1), (3, 1), (4, 1), (5, 1)")
"""
REBUILT = """\
with op.batch_alter_table("parent", recreate="always") as batch:
    batch.alter_column("a", new_column_name="b", existing_type=sa.Text())
"""
KEEPING = f"""\
{REBUILT}
op.execute("CREATE TRIGGER noted AFTER UPDATE ON parent BEGIN SELECT 1; END")
"""
LOSING = (
    """\
op.execute("DELETE FROM parent")
"""
    + REBUILT
)
EMPTYING = """\
op.execute("CREATE TABLE _alembic_tmp_child (id INTEGER PRIMARY KEY)")
op.execute("INSERT INTO _alembic_tmp_child SELECT id FROM child WHERE id < 3")
op.execute("DROP TABLE child")
op.execute("ALTER TABLE _alembic_tmp_child RENAME TO child")
"""


@pytest.fixture
def family(filed: Project, dbctl: Run) -> Project:
    """A parent with five children that go with it, and a trigger, an index and a check."""
    filed.revision("r1", up=TABLES)
    assert dbctl("upgrade", cwd=filed.root).code == 0
    return filed


def children(url: str) -> int:
    """How many children there are."""
    with closing(sqlite3.connect(url.split(":///")[1])) as file:
        return int(file.execute("SELECT count(*) FROM child").fetchone()[0])


def test_children_survive_and_what_was_lost_is_said(
    family: Project, dbctl: Run, sqlite_url: str
) -> None:
    family.revision("r2", "r1", up=REBUILT)
    done = dbctl("upgrade", cwd=family.root)
    assert (done.code, children(sqlite_url)) == (0, 5)
    for part in ("trigger noted", "index lower_a", "check a <> 'never'"):
        assert f"rebuilding parent lost the {part}" in done.err


def test_what_the_revision_makes_again_is_not_said(family: Project, dbctl: Run) -> None:
    family.revision("r2", "r1", up=KEEPING)
    done = dbctl("upgrade", cwd=family.root)
    assert (done.code, "noted" in done.err, "lower_a" in done.err) == (0, False, True)


def test_plain_alembic_empties_the_children_when_foreign_keys_are_on(
    family: Project, alembic: Run, sqlite_url: str
) -> None:
    env = family.migrations / "env.py"
    text = env.read_text(encoding="utf-8")
    before, run, after = text.rpartition("def run(connection):\n")
    on = '    connection.exec_driver_sql("PRAGMA foreign_keys = ON")\n    connection.rollback()\n'
    env.write_text(f"{before}{run}{on}{after}", encoding="utf-8")
    family.revision("r2", "r1", up=REBUILT)
    assert (alembic("upgrade", "head", cwd=family.root).code, children(sqlite_url)) == (0, 0)


def test_under_dbctl_the_same_project_keeps_them(
    family: Project, dbctl: Run, sqlite_url: str
) -> None:
    env = family.migrations / "env.py"
    before, run, after = env.read_text(encoding="utf-8").rpartition("def run(connection):\n")
    on = '    connection.exec_driver_sql("PRAGMA foreign_keys = ON")\n    connection.rollback()\n'
    env.write_text(f"{before}{run}{on}{after}", encoding="utf-8")
    family.revision("r2", "r1", up=REBUILT)
    assert (dbctl("upgrade", cwd=family.root).code, children(sqlite_url)) == (0, 5)


@pytest.mark.parametrize(
    ("up", "said"), [(EMPTYING, "would lose rows of child"), (LOSING, "would point at nothing")]
)
def test_rows_that_would_be_lost_are_refused(
    family: Project, dbctl: Run, sqlite_url: str, up: str, said: str
) -> None:
    family.revision("r2", "r1", up=up)
    done = dbctl("upgrade", cwd=family.root)
    assert (done.code, said in done.err, children(sqlite_url)) == (6, True, 5), str(done)
