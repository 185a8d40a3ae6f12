"""Revisions are run with nobody at the other end: what they do is written down, they never hang."""

from pathlib import Path
from typing import Any

import pytest

from dbctl.lint import facts as f
from dbctl.lint import record
from dbctl.lint.catalogue import Catalogue
from dbctl.lint.source import Source
from tests.lint.engine import BEFORE, found, functions, rules, written


def recorded(folder: Path, text: str, dialect: str = "postgresql") -> record.Recorder:
    """What upgrade() of a revision does."""
    header = written(folder, "one", text, None)
    target = record.Target(dialect, (15,))
    return record.run(target, Source(header.file), "upgrade", "one", Catalogue())


def kinds(made: record.Recorder) -> list[str]:
    """The facts by their names."""
    return [type(one).__name__ for one in made.recording.facts]


def test_every_fact_has_its_place(tmp_path: Path) -> None:
    """Line and column of the call; in a text of several statements the line of each."""
    text = functions('op.execute("""\n  SELECT 1;\n  DROP TABLE a;\n""")\nop.drop_table("b")')
    made = recorded(tmp_path, text)
    first = made.source.function("upgrade")
    assert first is not None
    lines = [one.at.line - first.lineno for one in made.recording.facts]
    assert lines == [1, 2, 3, 5]
    assert {one.at.column for one in made.recording.facts} == {5}


def test_a_batch_on_postgresql_is_its_operations(tmp_path: Path) -> None:
    """On SQLite it is a rebuild, and the same operations."""
    body = 'with op.batch_alter_table("t") as b:\n    b.alter_column("a", nullable=False)\n    b.drop_column("c")'
    assert kinds(recorded(tmp_path, functions(body))) == ["SetNotNull", "DropColumn"]
    there = 'op.create_table("t", sa.Column("a", sa.Text()), sa.Column("c", sa.Text()))\n'
    lite = recorded(tmp_path, functions(there + body), "sqlite")
    assert kinds(lite) == ["CreateTable", "Rebuild", "SetNotNull", "DropColumn"]


def test_questions_about_the_schema_are_answered(tmp_path: Path) -> None:
    """By what the revision, and those before it, have made."""
    body = """
op.create_table("t", sa.Column("a", sa.Text()))
seen = sa.inspect(op.get_bind())
if seen.has_table("t") and "b" not in {one["name"] for one in seen.get_columns("t")}:
    op.add_column("t", sa.Column("b", sa.Text()))
if seen.has_table("u"):
    op.drop_table("u")
table = sa.Table("t", sa.MetaData(), autoload_with=op.get_bind())
op.execute(table.update().values(b=table.c.a))
"""
    assert [one for one in kinds(recorded(tmp_path, functions(body))) if one != "ReadRows"] == [
        "CreateTable",
        "AddColumn",
        "UpdateRows",
    ]


def test_an_orm_session_works(tmp_path: Path) -> None:
    """As revisions use it, on the bind."""
    body = """
from sqlalchemy.orm import Session
notes = sa.table("notes", sa.column("id", sa.Integer), sa.column("text", sa.Text))
session = Session(bind=op.get_bind())
for row in session.execute(sa.select(notes.c.id)).all():
    session.execute(notes.update().where(notes.c.id == row.id).values(text="x"))
session.commit()
"""
    made = recorded(tmp_path, functions(body))
    assert kinds(made) == ["ReadRows", "UpdateRows"]
    assert made.recording.whole


@pytest.mark.parametrize(
    "body",
    [
        "while True:\n    rows = op.get_bind().execute(sa.text('SELECT id FROM t LIMIT 9')).fetchall()\n    if not rows:\n        break",
        "while op.get_bind().execute(sa.text('DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 9)')).rowcount:\n    pass",
        "while True:\n    op.execute('SELECT 1')",
        "import time\ntime.sleep(3600)",
    ],
)
def test_a_loop_comes_to_an_end(tmp_path: Path, body: str) -> None:
    """By an answer without rows; otherwise after so many statements."""
    assert recorded(tmp_path, functions(body)).recording.reached or "while True" in body


def test_what_fails_without_rows_is_left_out_and_the_rest_followed(tmp_path: Path) -> None:
    """A line that needs a value, in the middle of the function."""
    body = 'import json\nop.drop_table("a")\njson.loads(op.get_bind().execute(sa.text("SELECT x FROM t")).scalar())["k"]\nop.drop_table("b")'
    made = recorded(tmp_path, functions(body))
    assert kinds(made) == ["DropTable", "ReadRows", "Skipped", "DropTable"]
    assert not made.recording.whole


WEIRD: dict[str, str] = {
    "a loop that fails in each turn": functions(
        "done = 0\nwhile not done:\n    done = done + None"
    ),
    "a future": "from __future__ import annotations\nimport no_such_module\n" + functions("pass"),
    "no functions": "",
    "a syntax error": "def upgrade(:",
    "an import that is not there": "import no_such_module_at_all\n"
    + functions('op.drop_table("posts")'),
    "an exit": functions("import sys\nsys.exit(3)"),
    "upgrade that is no function": "upgrade = 7\n",
    "arguments": "def upgrade(engine):\n    pass\n",
    "bytes": "# \\xff\n" + functions("pass"),
    "a class": "class Thing:\n    x = 1\n" + functions("pass"),
    "SQL that is none": functions('op.execute("THIS IS NOT SQL")'),
    "SQL that is nothing": functions('op.execute("")'),
    "a table of its own": functions('op.create_table("x")'),
    "recursion": "def upgrade():\n    upgrade()\n",
    "percent": functions("op.execute(\"SELECT 100 % 3, '%s'\")"),
    "a driver's cursor": functions('op.get_bind().connection.cursor().execute("DROP TABLE posts")'),
}


@pytest.mark.parametrize("text", WEIRD.values(), ids=WEIRD.keys())
@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
def test_nothing_that_a_file_holds_stops_lint(tmp_path: Path, text: str, dialect: str) -> None:
    """Each is followed as far as that goes, by a revision that is found to be dangerous."""
    before = (
        BEFORE
        if dialect == "postgresql"
        else functions('op.create_table("posts", sa.Column("id", sa.Integer(), primary_key=True))')
    )
    last = functions('op.drop_table("posts")', 'raise NotImplementedError("no")')
    assert {"drop-table", "missing-downgrade"} >= rules(
        found(tmp_path, [before, text, last], dialect=dialect)
    )


def test_a_broken_import_hides_nothing(tmp_path: Path) -> None:
    """The line is left out, and what the function does is found."""
    assert "drop-table" in rules(found(tmp_path, [BEFORE, WEIRD["an import that is not there"]]))


def test_do_blocks_are_read(tmp_path: Path) -> None:
    """What is written out in one; what it puts together is not known."""
    block = "DO $$ DECLARE r record; BEGIN FOR r IN SELECT id FROM users LOOP UPDATE users SET plan = 'a' WHERE id = r.id; END LOOP; END $$"
    assert "row-by-row" in rules(found(tmp_path, [BEFORE, functions(f"op.execute({block!r})")]))
    made: Any = recorded(
        tmp_path, functions("op.execute(\"DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'x'; END $$\")")
    )
    assert isinstance(made.recording.facts[0], f.Opaque)
