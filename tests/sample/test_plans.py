"""Which index a page is read by: on few rows PostgreSQL would rather not, so it may not scan."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from dbctl import Database, Settings
from dbctl.records import cursor
from dbctl.records.model import Question
from dbctl.sample.services.items import ITEMS
from dbctl.sample.services.users import USERS

LISTS: dict[str, tuple[Any, Question, list[Any], str]] = {
    "by key": (USERS, Question(), [5], "pk_users"),
    "username": (USERS, Question(sort="username"), ["m", 5], "uq_users_username"),
    "-username": (USERS, Question(sort="-username"), ["m", 5], "uq_users_username"),
    "email": (USERS, Question(sort="email"), ["m", 5], "uq_users_email"),
    "search": (USERS, Question(search="a"), [5], "pk_users"),
    "search and sort": (USERS, Question(search="a", sort="email"), ["m", 5], "uq_users_email"),
    "title": (ITEMS, Question(sort="title"), ["m", 5], "ix_items_title"),
    "-title": (ITEMS, Question(sort="-title"), ["m", 5], "ix_items_title"),
}


# Rows are few, so that PostgreSQL would read them all and sort them.
ALONE = "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off"


def plans(connection: Connection, name: str, explain: str) -> Iterator[str]:
    """What the database does for the first page, and for one behind a row."""
    records, question, place, _ = LISTS[name]
    after = cursor.written(records.pages._list(question), place)
    for asked in (question, Question(**{**vars(question), "after": after})):
        for statement in records.pages.statements(asked, connection.dialect.name):
            made = statement.limit(21).compile(connection)
            given: Any = made.construct_params()
            order = getattr(made, "positiontup", None)
            bound = tuple(given[one] for one in order) if order else given
            yield str(connection.exec_driver_sql(f"{explain} {made}", bound).all())


@pytest.mark.parametrize("name", LISTS)
def test_a_page_is_read_by_an_index_of_postgresql(name: str, sample_postgres_url: str) -> None:
    engine = Database(Settings.load(url=sample_postgres_url)).sync_engine
    with engine.connect() as connection:
        connection.exec_driver_sql(ALONE)
        found = list(plans(connection, name, "EXPLAIN"))
    engine.dispose()
    assert len(found) == 2
    assert all(f"using {LISTS[name][3]}" in plan for plan in found), found


@pytest.mark.parametrize("name", LISTS)
def test_a_page_is_read_by_an_index_of_sqlite(name: str, sample_sqlite_url: str) -> None:
    index = LISTS[name][3].replace("pk_users", "INTEGER PRIMARY KEY")
    engine = Database(Settings.load(url=sample_sqlite_url)).sync_engine
    with engine.connect() as connection:
        first, behind = plans(connection, name, "EXPLAIN QUERY PLAN")
    engine.dispose()
    assert "SEARCH" in behind
    assert index in behind
    assert "B-TREE FOR ORDER BY" not in first
