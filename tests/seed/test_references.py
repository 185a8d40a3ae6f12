"""Rows that name other rows by natural key, in other tables and in their own."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from dbctl.errors import SeedRefusedError
from tests.seed.store import Store

Make = Callable[[sa.MetaData], Store]
SHELF = sa.MetaData()
sa.Table(
    "shelves",
    SHELF,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), unique=True, nullable=False),
)
sa.Table(
    "books",
    SHELF,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(20), unique=True, nullable=False),
    sa.Column("shelf_id", sa.ForeignKey("shelves.id")),
    sa.Column("former_id", sa.ForeignKey("shelves.id")),
)
TREE = sa.MetaData()
sa.Table(
    "nodes",
    TREE,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), unique=True, nullable=False),
    sa.Column("parent_id", sa.ForeignKey("nodes.id")),
    sa.Column("size", sa.Integer, server_default="0"),
)
TAGS = sa.MetaData()
sa.Table("tags", TAGS, sa.Column("name", sa.String(20), primary_key=True))
sa.Table(
    "uses",
    TAGS,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("tag", sa.ForeignKey("tags.name"), nullable=False),
)
NODES = "SELECT n.name, p.name FROM nodes n LEFT JOIN nodes p ON p.id = n.parent_id ORDER BY n.name"


def test_a_name_or_a_number_may_stand_in_one_column(store: Make) -> None:
    made = store(SHELF)
    made.seed({"shelves.csv": "id,name\n7,top\n8,low\n"})
    text = "title,shelf_id,former\na,@low,@top\nb,7,\nc,,@low\n"
    assert made.counts({"books.csv": text})[-1] == (3, 0, 0)
    found = made.rows("SELECT title, shelf_id, former_id FROM books ORDER BY title")
    assert found == [("a", 8, 7), ("b", 7, None), ("c", None, 8)]
    assert made.counts()[-1] == (0, 0, 3)


def test_another_reference_updates_the_row(store: Make) -> None:
    made = store(SHELF)
    made.seed({"shelves.csv": "name\ntop\nlow\n", "books.csv": "title,shelf\na,@low\nb,@low\n"})
    assert made.counts({"books.csv": "title,shelf\na,@top\nb,@low\n"})[-1] == (0, 1, 1)
    made.counts({"books.csv": "title,shelf\na,\nb,@low\n"})
    assert made.rows("SELECT title FROM books WHERE shelf_id IS NULL") == [("a",)]


def test_the_table_of_the_key_may_come_later_in_the_alphabet(store: Make) -> None:
    made = store(SHELF)
    files = {"books.csv": "title,shelf\na,@low\n", "shelves.csv": "name\nlow\n"}
    assert [one.table for one in made.seed(files).files] == ["shelves", "books"]


@pytest.mark.parametrize("name", ["nodes.json", "nodes.csv"])
def test_rows_may_name_rows_before_and_behind_them_in_their_file(store: Make, name: str) -> None:
    made = store(TREE)
    rows = [("leaf", "@twig"), ("twig", "@stem"), ("stem", None), ("other", "@stem")]
    text: object = [
        {"name": name} if parent is None else {"name": name, "parent": parent}
        for name, parent in rows
    ]
    if name.endswith("csv"):
        text = "name,parent\n" + "".join(f"{node},{parent or ''}\n" for node, parent in rows)
    assert made.counts({name: text}) == [(4, 0, 0)]
    expected = [("leaf", "twig"), ("other", "stem"), ("stem", None), ("twig", "stem")]
    assert made.rows(NODES) == expected
    assert made.counts() == [(0, 0, 4)]


def test_a_row_moves_below_a_new_one_of_the_same_file(store: Make) -> None:
    made = store(TREE)
    made.seed({"nodes.csv": "name,parent,size\na,,1\nb,@a,2\n"})
    assert made.counts({"nodes.csv": "name,parent,size\nb,@c,2\na,,1\nc,@a,3\n"}) == [(1, 1, 1)]
    assert made.rows(NODES) == [("a", None), ("b", "c"), ("c", "a")]


def test_a_row_that_is_there_may_point_at_itself(store: Make) -> None:
    made = store(TREE)
    made.seed({"nodes.csv": "name\nroot\n"})
    assert made.counts({"nodes.csv": "name,parent\nroot,@root\n"}) == [(0, 1, 0)]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a,@b\nb,@a\n", 2), ("a,\nb,@c\nc,@b\n", 3), ("a,@gone\n", 2), ("a,@a\n", 2)],
)
def test_a_circle_is_refused_and_so_is_a_row_that_is_not_there(
    store: Make, text: str, line: int
) -> None:
    made = store(TREE)
    with pytest.raises(SeedRefusedError) as caught:
        made.seed({"nodes.csv": f"name,parent\n{text}"})
    assert f"nodes.csv:{line}:parent '@" in caught.value.message
    assert made.rows("SELECT * FROM nodes") == []


def test_a_long_chain_is_followed(store: Make) -> None:
    made = store(TREE)
    rows = "".join(f"n{at},@n{at + 1}\n" for at in range(60))
    assert made.counts({"nodes.csv": f"name,parent\n{rows}n60,\n"}) == [(61, 0, 0)]


def test_a_key_of_text_under_its_own_name_is_text(store: Make) -> None:
    made = store(TAGS)
    made.seed(
        {"tags.csv": "name\n'@home\nwork\n", "uses.json": [{"tag": "@home"}, {"tag": "work"}]}
    )
    assert made.rows("SELECT tag FROM uses ORDER BY tag") == [("@home",), ("work",)]


def test_what_has_no_unique_column_cannot_be_named(store: Make) -> None:
    made = store(TAGS)
    with pytest.raises(SeedRefusedError, match=r"uses\.csv:1: uses has no column 'tg'"):
        made.seed({"uses.csv": "tg\n@home\n"})
