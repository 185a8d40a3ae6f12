"""What revisions do on SQLite: tables built anew, values lost, and what plain Alembic loses."""

import pytest

from dbctl.rehearse.model import Rehearsed
from tests.projects import envs
from tests.projects.make import Project
from tests.rehearse.conftest import ROWS, Trial

BATCH = 'with op.batch_alter_table("authors") as batch:\n    '
LOSSES = {
    "column by a rebuild": (
        BATCH + 'batch.alter_column("name", type_=sa.Text())\n    batch.drop_column("phone")',
        {("authors", "phone"): ROWS // 4},
    ),
    "column": (
        'op.execute("ALTER TABLE authors DROP COLUMN phone")',
        {("authors", "phone"): ROWS // 4},
    ),
    "table": ('op.drop_table("books")', {("books", None): ROWS}),
    "empty table": ('op.drop_table("shelves")', {}),
    "rows": ('op.execute("DELETE FROM books WHERE id > 190")', {("books", None): 10}),
    "values that are no numbers": (
        BATCH + 'batch.alter_column("name", type_=sa.Integer(), existing_type=sa.String())',
        {("authors", "name"): ROWS},
    ),
    "moved column": (
        'op.execute("ALTER TABLE authors ADD COLUMN tel TEXT")\n'
        'op.execute("UPDATE authors SET tel = phone")\n'
        'op.execute("ALTER TABLE authors DROP COLUMN phone")',
        {},
    ),
    "longer varchar": (BATCH + 'batch.alter_column("name", type_=sa.String(90))', {}),
    "renamed column": (BATCH + 'batch.alter_column("phone", new_column_name="tel")', {}),
    "renamed table": ('op.rename_table("books", "works")', {}),
    "new column": ('op.add_column("authors", sa.Column("n", sa.Integer()))', {}),
}


@pytest.mark.parametrize(("up", "lost"), LOSSES.values(), ids=LOSSES)
def test_values_that_are_gone_are_counted(
    sqlite: Trial, up: str, lost: dict[tuple[str, str | None], int]
) -> None:
    found = sqlite(up)
    assert {(one.relation, one.column): one.values for one in found.lost} == lost
    assert found.verdict == ("risky" if lost else "safe"), found.reasons


def test_a_rebuilt_table_is_a_rewrite_under_the_one_lock(sqlite: Trial) -> None:
    found = sqlite(BATCH + 'batch.alter_column("name", type_=sa.Text())')
    assert found.rewrites == ("authors",)
    assert [(one.relation, one.blocks) for one in found.locks] == [("the whole file", ("writes",))]
    assert {said.line for said in found.statements} == {16}


def test_a_rebuild_that_empties_children_under_plain_alembic_is_a_loss(
    home: Project, sqlite: Trial
) -> None:
    engine = f"enforcing({envs.FROM_CONFIG})"
    home.write("migrations/env.py", envs.sync(head=envs.ENFORCED, engine=engine))
    found = sqlite(BATCH + 'batch.alter_column("name", type_=sa.Text())')
    assert [(one.relation, one.values) for one in found.lost] == [("books", ROWS)]
    assert "plain `alembic upgrade`" in found.reasons[0]


def test_the_way_back_is_tried(sqlite: Trial) -> None:
    up = 'op.create_table("t", sa.Column("i", sa.Integer))'
    assert sqlite(up, undo='op.drop_table("t")', trip=True).round_trip == "same"


def test_a_missing_way_back_is_named(sqlite: Trial) -> None:
    found: Rehearsed = sqlite('op.create_table("t", sa.Column("i", sa.Integer))', trip=True)
    assert (found.round_trip, found.differences[0]) == ("irreversible", "left over: column t.i")
