"""A run over several files: their order, what is chosen of them, what stays of a trial."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from dbctl import loop
from dbctl.errors import NotFoundError, RefusedError, SeedRefusedError
from dbctl.seed import files, order
from tests.seed.store import Store
from tests.seed.test_references import SHELF, TREE

Make = Callable[[sa.MetaData], Store]
SHELVES = "name\ntop\nlow\n"
BOOKS = "title,shelf\na,@top\n"


def names(folder: Path, env: str = "", metadata: sa.MetaData | None = None) -> list[str]:
    return [file.name for file in files.found(folder, env, metadata)]


def written(folder: Path, *found: str) -> Path:
    for name in found:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    return folder


def test_numbers_decide_the_order_then_foreign_keys(tmp_path: Path) -> None:
    folder = written(tmp_path, "books.csv", "shelves.csv", "10_a.csv", "9_b.csv", "end.sql")
    expected = ["9_b.csv", "10_a.csv", "shelves.csv", "books.csv", "end.sql"]
    assert names(folder, "", SHELF) == expected


def test_a_folder_of_the_environment_comes_after_and_alone_for_it(tmp_path: Path) -> None:
    folder = written(tmp_path, "books.csv", "dev/shelves.csv", "dev/1_books.csv", "tst/books.csv")
    assert names(folder, "", SHELF) == ["books.csv"]
    assert names(folder, "dev", SHELF) == ["books.csv", "dev/1_books.csv", "dev/shelves.csv"]


def test_what_is_no_seed_file_is_left_alone(tmp_path: Path) -> None:
    folder = written(
        tmp_path, "notes.txt", "__init__.py", "_shared.py", ".x.csv", "x.csv~", "A.CSV"
    )
    assert names(folder) == ["A.CSV"]


def test_parents_come_first_in_tables_that_point_in_circles() -> None:
    metadata = sa.MetaData()
    for name, parent in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")):
        sa.Table(name, metadata, sa.Column("id", sa.ForeignKey(f"{parent}.id"), primary_key=True))
    places = order.positions(metadata)
    assert sorted(places) == ["a", "b", "c", "d"]
    assert places["d"] > places["a"]


@pytest.mark.parametrize("name", ["shelves", "shelves.csv", "1_shelves", "1_shelves.csv"])
def test_only_what_is_named_is_loaded(store: Make, name: str) -> None:
    made = store(SHELF)
    content = {"shelves.csv" if name.startswith("s") else "1_shelves.csv": SHELVES}
    done = made.seed({**content, "books.csv": BOOKS}, only=[name])
    assert [one.table for one in done.files] == ["shelves"]
    assert made.rows("SELECT * FROM books") == []


def test_a_name_that_no_file_has_is_an_error(store: Make) -> None:
    with pytest.raises(NotFoundError, match="'shelfs'"):
        store(SHELF).seed({"shelves.csv": SHELVES}, only=["shelfs"])


def test_a_dry_run_says_what_would_be_and_leaves_nothing(store: Make) -> None:
    made = store(SHELF)
    done = made.seed({"shelves.csv": SHELVES, "books.csv": BOOKS}, dry_run=True)
    assert (done.dry_run, done.rows, [one.inserted for one in done.files]) == (True, 3, [2, 1])
    assert made.rows("SELECT * FROM shelves") == []


def test_a_dry_run_finds_what_is_wrong(store: Make) -> None:
    with pytest.raises(SeedRefusedError, match=r"books\.csv:2:shelf"):
        store(SHELF).seed({"books.csv": "title,shelf\na,@none\n"}, dry_run=True)


def test_replacing_empties_the_tables_first_and_counts_from_one(store: Make) -> None:
    made = store(SHELF)
    made.seed({"shelves.csv": SHELVES, "books.csv": BOOKS})
    assert made.counts({"shelves.csv": "name\nnew\n", "books.csv": "title\nb\n"}, replace=True) == [
        (1, 0, 0),
        (1, 0, 0),
    ]
    assert made.rows("SELECT id, name FROM shelves") == [(1, "new")]
    assert made.rows("SELECT id, title FROM books") == [(1, "b")]


def test_replacing_refuses_where_rows_of_other_tables_point(store: Make) -> None:
    made = store(SHELF)
    made.seed({"shelves.csv": SHELVES, "books.csv": BOOKS})
    with pytest.raises(RefusedError, match="rows of books point at shelves"):
        made.seed(only=["shelves"], replace=True)
    assert len(made.rows("SELECT * FROM shelves")) == 2


def test_a_refused_row_brings_the_replaced_ones_back(store: Make) -> None:
    made = store(TREE)
    made.seed({"nodes.csv": "name\na\nb\n"})
    with pytest.raises(SeedRefusedError):
        made.seed({"nodes.csv": "name\n" + "x" * 30 + "\n"}, replace=True)
    assert made.rows("SELECT id, name FROM nodes ORDER BY id") == [(1, "a"), (2, "b")]


def test_seeding_inside_a_running_loop_is_a_coroutine(store: Make) -> None:
    made = store(TREE)

    async def inside() -> int:
        return (await made._seeded({})).rows

    (made.folder / "nodes.csv").write_text("name\na\n")
    assert loop.run(inside()) == 1
