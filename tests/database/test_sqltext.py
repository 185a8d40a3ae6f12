"""SQL as text: where a statement ends, and what SQLite's own statements say."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbctl.database import sqltext
from dbctl.database.sqltext import Typed

ONE = {
    "a string": "select 'a;b''c;d'",
    "a name": 'select 1 as "a;""b"',
    "a comment": "select 1 -- a; b\n",
    "a long comment": "select /* ; */ 1",
    "a dollar quote": "select $$ ; $$",
    "a named dollar quote": "select $do$ ; $$ ; $do$",
    "an escape string": r"select E'a\';b'",
    "a name with dollars": "select a$b$c from t",
    "a parameter": "select $1",
}
OPEN = (
    "select 'a;",
    'select "a;',
    "select $$ a;",
    "select $x$ ; $$;",
    "select /* ;",
    "select 1 -- ;",
)


@pytest.mark.parametrize("statement", ONE.values(), ids=ONE)
def test_a_semicolon_that_means_nothing_ends_nothing(statement: str) -> None:
    typed = Typed("postgresql")
    assert list(typed.add(f"{statement};{statement}\n;")) == [statement.strip()] * 2
    assert typed.waiting == ""


@pytest.mark.parametrize("text", OPEN)
def test_what_is_not_ended_waits(text: str) -> None:
    typed = Typed("postgresql")
    assert list(typed.add(text)) == []
    assert typed.waiting == text


@pytest.mark.parametrize("text", ["", " \n", ";;;", "-- a;\n", "/* a; */ ; -- b"])
def test_nothing_is_no_statement(text: str) -> None:
    typed = Typed("postgresql")
    assert list(typed.add(text)) == []
    assert typed.waiting == ""


@given(st.lists(st.sampled_from(list(ONE.values())), min_size=1), st.data())
def test_it_is_the_same_however_the_input_is_cut(parts: list[str], data: st.DataObject) -> None:
    text = "".join(f"{part}\n;" for part in parts)
    at = data.draw(st.integers(0, len(text)))
    typed = Typed("postgresql")
    found = [*typed.add(text[:at]), *typed.add(text[at:])]
    assert found == [part.strip() for part in parts]


TABLE = '''CREATE TABLE "a (b" (
    a INTEGER CHECK (a IN ('CHECK (', ')')  AND a > 0), -- CHECK (nothing)
    "check" INTEGER, /* CHECK (0) */
    CONSTRAINT "ck ""x""" CHECK(a > 0), CONSTRAINT ck_y
    CHECK (length("check") < 3)
)'''


def test_the_checks_of_a_table_are_read() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(TABLE)
    assert list(sqltext.checks(TABLE)) == [
        ("", "a IN ('CHECK (', ')') AND a > 0"),
        ('ck "x"', "a > 0"),
        ("ck_y", 'length("check") < 3'),
    ]


def test_the_terms_of_an_index_are_read() -> None:
    statement = "CREATE UNIQUE INDEX \"i (x\" ON t (lower(a), coalesce(b, c) DESC)\nWHERE a <> ')'"
    assert sqltext.index_terms(statement) == (("lower(a)", "coalesce(b, c) DESC"), "a <> ')'")


def test_a_table_without_row_numbers_is_known() -> None:
    assert sqltext.is_without_rowid("CREATE TABLE t (a TEXT PRIMARY KEY) without  rowid, strict")
    assert not sqltext.is_without_rowid("CREATE TABLE t (a TEXT DEFAULT ') WITHOUT ROWID')")
