"""Seed files that are run: SQL as it is, Python with a session; both in the one transaction."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from dbctl.errors import SeedRefusedError
from dbctl.seed import scripts
from tests.seed.store import Store
from tests.seed.test_references import SHELF

Make = Callable[[sa.MetaData], Store]
COUNT = "SELECT count(*) FROM shelves"


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1;\nSELECT 2", [("SELECT 1", 1), ("SELECT 2", 2)]),
        ("-- a; b\nSELECT ';' ;\n\n/* ; */ SELECT 2;", [("-- a; b\nSELECT ';'", 2), None]),
        ("SELECT 'it''s; fine', \"a;b\";", [("SELECT 'it''s; fine', \"a;b\"", 1)]),
        (" ;;\n;\nSELECT 1;;", [("SELECT 1", 3)]),
        ("", []),
    ],
)
def test_statements_end_at_semicolons_that_stand_for_themselves(
    dialect: str, text: str, expected: list[tuple[str, int] | None]
) -> None:
    found = list(scripts.statements(text, dialect))
    assert len(found) == len(expected)
    assert all(one in (made, None) for one, made in zip(expected, found, strict=True))


BODIES = {
    "dollars": "DO $x$ BEGIN PERFORM 1; PERFORM $$;$$; END $x$",
    "escapes": "SELECT E'\\';', 1",
    "atomic": "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_is_no_end_of_a_statement(body: str) -> None:
    found = list(scripts.statements(f"SELECT 0;\n{body};\nSELECT 3;", "postgresql"))
    assert [line for _, line in found] == [1, 2, 3]
    assert "".join(found[1][0].split()) == "".join(body.split())


def test_a_body_of_a_function_runs_on_the_server(postgres_url: str, store: Make) -> None:
    made = store(SHELF)
    if not made.url.startswith("postgresql"):
        pytest.skip("functions are PostgreSQL's")
    made.seed({"1.sql": f"{BODIES['atomic']};\n{BODIES['dollars']};\n{BODIES['escapes']};"})
    assert made.rows("SELECT f()") == [(2,)]


def test_sql_runs_in_the_order_of_the_files(store: Make) -> None:
    made = store(SHELF)
    sql = "INSERT INTO shelves (name) VALUES ('a%b:c?'), ('two');\nUPDATE shelves SET name = 'x'\n"
    done = made.seed(
        {
            "1_first.sql": sql + " WHERE name = 'two';",
            "2_books.csv": "title,shelf\nt,@x\n",
        }
    )
    assert made.rows("SELECT name FROM shelves ORDER BY id") == [("a%b:c?",), ("x",)]
    assert (done.files[0].table, done.rows > 2) == ("", True)


def test_what_a_script_wrote_goes_with_a_bad_row_behind_it(store: Make) -> None:
    made = store(SHELF)
    with pytest.raises(SeedRefusedError):
        made.seed({"1.sql": "INSERT INTO shelves (name) VALUES ('a');", "2_books.csv": "t\n1\n"})
    assert made.rows(COUNT) == [(0,)]


@pytest.mark.parametrize(
    "word", ["COMMIT", "begin", "ROLLBACK", "End", "SAVEPOINT a", "RELEASE a", "/* x */ commit"]
)
def test_a_script_does_not_end_the_transaction(store: Make, word: str) -> None:
    made = store(SHELF)
    with pytest.raises(SeedRefusedError, match=r"1\.sql:2: .* would end the transaction"):
        made.seed({"1.sql": f"INSERT INTO shelves (name) VALUES ('a');\n{word};"})
    assert made.rows(COUNT) == [(0,)]


SYNC = """
import sqlalchemy as sa

def seed(session):
    session.execute(sa.text("INSERT INTO shelves (name) VALUES ('top')"))
    session.commit()
    session.execute(sa.text("INSERT INTO shelves (name) VALUES ('low')"))
"""
ASYNC = SYNC.replace("def seed", "async def seed").replace("    session.", "    await session.")


@pytest.mark.parametrize("text", [SYNC, ASYNC], ids=["sync", "async"])
def test_a_function_gets_a_session_in_the_transaction(store: Make, text: str) -> None:
    made = store(SHELF)
    done = made.seed({"1_shelves.py": text, "2_books.csv": "title,shelf\nt,@low\n"})
    assert (done.files[0].inserted, made.rows(COUNT)) == (2, [(2,)])


@pytest.mark.parametrize("text", [SYNC, ASYNC], ids=["sync", "async"])
def test_a_commit_of_the_function_keeps_nothing_by_itself(store: Make, text: str) -> None:
    made = store(SHELF)
    with pytest.raises(SeedRefusedError):
        made.seed({"1_shelves.py": text, "2_books.csv": "title,shelf\nt,@gone\n"})
    assert made.rows(COUNT) == [(0,)]
    assert made.seed({"2_books.csv": "title\n"}, dry_run=True).files[0].inserted == 2
    assert made.rows(COUNT) == [(0,)]


def test_an_error_of_the_function_has_its_line(store: Make) -> None:
    text = SYNC + '    raise KeyError("no such thing")\n'
    with pytest.raises(SeedRefusedError, match=r"1_shelves\.py:8: KeyError: 'no such thing'"):
        store(SHELF).seed({"1_shelves.py": text})


def test_what_the_database_says_to_the_function_has_its_line(store: Make) -> None:
    text = SYNC.replace("'low'", "'top'")
    with pytest.raises(SeedRefusedError, match=r"1_shelves\.py:7: IntegrityError"):
        store(SHELF).seed({"1_shelves.py": text})
