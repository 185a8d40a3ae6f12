"""Rows that are there already: known by a key, updated where they differ, else left alone."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from dbctl.errors import SeedRefusedError
from tests.seed.store import Store

Make = Callable[[sa.MetaData], Store]


def label(context: Any) -> str:
    """A default that looks at the other values of its row."""
    return f"{context.get_current_parameters()['code']}!"


PLACES = sa.MetaData()
sa.Table(
    "places",
    PLACES,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("code", sa.String(10), nullable=False),
    sa.Column("region", sa.String(10), nullable=False, server_default="north"),
    sa.Column("name", sa.String(50)),
    sa.Column("size", sa.Integer, default=7),
    sa.Column("tags", sa.JSON),
    sa.Column("token", sa.String(36), default=lambda: str(uuid.uuid4())),
    sa.Column("label", sa.String(50), default=label),
    sa.Column("changed", sa.Integer, server_default="0", onupdate=sa.text("changed + 1")),
    sa.Column("stamp", sa.String(10), onupdate=lambda: "again"),
    sa.UniqueConstraint("code", "region"),
)
CODES = sa.MetaData()
sa.Table(
    "codes",
    CODES,
    sa.Column("code", sa.String(5), primary_key=True),
    sa.Column("name", sa.String(20), unique=True),
)
DECLARED = sa.MetaData()
sa.Table(
    "people",
    DECLARED,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("nick", sa.String(20), unique=True),
    sa.Column("email", sa.String(50), unique=True),
    info={"natural_key": ["email"]},
)
LOOSE = sa.MetaData()
sa.Table(
    "notes",
    LOOSE,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text),
    sa.Column("pages", sa.Integer),
    sa.Column("extra", sa.JSON),
)
KEPT = sa.MetaData()
sa.Table(
    "accounts",
    KEPT,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), nullable=False),
    sa.Column("rank", sa.Integer),
    sa.Column("deleted", sa.Integer),
    sa.Index(
        "uq_accounts_name",
        "name",
        unique=True,
        postgresql_where=sa.text("deleted IS NULL"),
        sqlite_where=sa.text("deleted IS NULL"),
    ),
)


def test_repeated_runs_change_nothing(store: Make) -> None:
    made = store(PLACES)
    text = 'code,region,name,tags\na,x,Aa,"[1, 2]"\nb,x,,"{""k"": null}"\n'
    assert made.counts({"places.csv": text}) == [(2, 0, 0)]
    before = made.rows("SELECT * FROM places ORDER BY id")
    assert made.counts() == [(0, 0, 2)]
    assert made.rows("SELECT * FROM places ORDER BY id") == before


def test_a_changed_file_updates_exactly_the_changed_rows(store: Make) -> None:
    made = store(PLACES)
    made.seed({"places.csv": "code,region,name\na,x,A\nb,x,B\nc,x,C\n"})
    assert made.counts({"places.csv": "code,region,name\na,x,A\nb,x,\nc,x,C\nd,x,D\n"}) == [
        (1, 1, 2)
    ]
    found = made.rows("SELECT code, name, changed FROM places ORDER BY code")
    assert found == [("a", "A", 0), ("b", None, 1), ("c", "C", 0), ("d", "D", 0)]


def test_what_the_file_does_not_say_stays(store: Make) -> None:
    made = store(PLACES)
    made.seed({"places.csv": "code,region,name,size\na,x,A,1\n"})
    assert made.counts({"places.csv": "code,region,name\na,x,B\n"}) == [(0, 1, 0)]
    assert made.rows("SELECT name, size, stamp FROM places") == [("B", 1, "again")]


def test_defaults_of_python_are_filled_in(store: Make) -> None:
    made = store(PLACES)
    made.seed({"places.csv": "code\na\nb\n", "2_places.json": [{"code": "c", "region": "south"}]})
    found = made.rows("SELECT code, region, size, label FROM places ORDER BY code")
    assert found == [("a", "north", 7, "a!"), ("b", "north", 7, "b!"), ("c", "south", 7, "c!")]
    assert len({token for (token,) in made.rows("SELECT token FROM places")}) == 3


def test_json_values_are_told_apart_by_what_they_mean(store: Make) -> None:
    made = store(PLACES)
    rows = [{"code": "a", "region": "x", "tags": {"k": [1, 1.5, None, "é"]}}]
    assert made.counts({"places.json": rows}) == [(1, 0, 0)]
    assert made.counts() == [(0, 0, 1)]
    rows[0]["tags"] = {"k": [1, 1.25, None, "é"]}
    assert made.counts({"places.json": rows}) == [(0, 1, 0)]


def test_a_primary_key_that_is_given_is_the_key(store: Make) -> None:
    made = store(PLACES)
    made.seed({"places.csv": "id,code,region\n5,a,x\n"})
    assert made.counts({"places.csv": "id,code,region\n5,b,x\n"}) == [(0, 1, 0)]
    assert made.rows("SELECT id, code FROM places") == [(5, "b")]


def test_a_key_of_letters_may_be_the_primary_one(store: Make) -> None:
    made = store(CODES)
    made.seed({"codes.csv": "code,name\nde,Deutsch\nfr,Francais\n"})
    assert made.counts({"codes.csv": "code,name\nde,Deutsch\nfr,French\n"}) == [(0, 1, 1)]


def test_a_declared_key_goes_before_the_others(store: Make) -> None:
    made = store(DECLARED)
    made.seed({"people.csv": "nick,email\nann,a@x.y\n"})
    assert made.counts({"people.csv": "nick,email\nanna,a@x.y\n"}) == [(0, 1, 0)]
    assert made.rows("SELECT id, nick FROM people") == [(1, "anna")]


def test_without_a_key_all_that_is_said_tells_a_row(store: Make) -> None:
    made = store(LOOSE)
    rows = [
        {"text": "a", "pages": 1},
        {"text": "a", "pages": None},
        {"text": None, "pages": 1},
        {"text": "a", "pages": 1},
        {"text": "a", "pages": 1, "extra": {"k": 1, "l": 2}},
        {"text": None, "pages": None},
    ]
    assert made.counts({"notes.json": rows}) == [(5, 0, 1)]
    assert made.counts() == [(0, 0, 6)]


def test_the_same_row_twice_is_one(store: Make) -> None:
    made = store(CODES)
    assert made.counts({"codes.csv": "code,name\nde,D\nde,D\nfr,F\nde,D\n"}) == [(2, 0, 2)]


def test_rows_that_contradict_each_other_are_refused(store: Make) -> None:
    made = store(CODES)
    with pytest.raises(SeedRefusedError, match=r"codes.csv:4: says otherwise than line 2 "):
        made.seed({"codes.csv": "code,name\nde,D\nfr,F\nde,E\n"})
    assert made.rows("SELECT * FROM codes") == []


def test_a_soft_deleted_row_does_not_stand_for_a_new_one(store: Make) -> None:
    made = store(KEPT)
    made.seed({"accounts.csv": "name,rank\nann,1\n"})
    made.run("UPDATE accounts SET deleted = 1")
    assert made.counts() == [(1, 0, 0)]
    assert made.counts({"accounts.csv": "name,rank\nann,2\n"}) == [(0, 1, 0)]
    found = made.rows("SELECT name, rank, deleted FROM accounts ORDER BY id")
    assert found == [("ann", 1, 1), ("ann", 2, None)]


def test_rows_outside_a_partial_index_are_no_news_either(store: Make) -> None:
    made = store(KEPT)
    text = "name,rank,deleted\nann,1,5\nann,2,\n"
    assert made.counts({"accounts.csv": text}) == [(2, 0, 0)]
    assert made.counts() == [(0, 0, 2)]


def test_an_index_that_only_the_models_know_lets_nothing_in_twice(store: Make) -> None:
    made = store(KEPT)
    made.run("DROP INDEX uq_accounts_name")
    assert made.counts({"accounts.csv": "name,rank\nann,1\nbob,2\nann,1\n"}) == [(2, 0, 1)]
    assert made.counts() == [(0, 0, 3)]


def test_a_row_that_is_there_in_the_middle_of_new_ones_is_updated(store: Make) -> None:
    made = store(CODES)
    made.run("INSERT INTO codes VALUES ('c1500', 'old')")
    text = "code,name\n" + "".join(f"c{n},n{n}\n" for n in range(3_000))
    assert made.counts({"codes.csv": text}) == [(2_999, 1, 0)]
    assert made.rows("SELECT name FROM codes WHERE code = 'c1500'") == [("n1500",)]
