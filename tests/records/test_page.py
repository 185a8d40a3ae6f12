"""Lists: every row once, in the same order on both databases, whatever the columns hold."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from dbctl import Database
from dbctl.errors import UsageError
from dbctl.records import cursor
from dbctl.records.model import Question, State
from dbctl.records.rows import Records
from tests.records.models import Book, Colour, Loan

pytestmark = pytest.mark.anyio

BOOKS = Records(Book, search=("title", "isbn"), hidden=("secret",))
LOANS = Records(Loan)
EVERY = 5
VALUES: dict[str, list[Any]] = {
    "title": ["b", None, "a", "B", "", "%", "ß"],
    "pages": [3, None, 1, 2, 2],
    "price": [Decimal("0.10"), None, Decimal("12.30"), Decimal("0.30")],
    "weight": [0.1, None, 1e300, 1 / 3],
    "printed": [date(2026, 1, 2), None, date(1999, 12, 31)],
    "code": [uuid.UUID(int=5), None, uuid.UUID(int=1)],
    "colour": [Colour.green, None, Colour.red],
    "bound": [True, None, False],
}


def books(count: int = 11) -> list[dict[str, Any]]:
    """Rows whose columns repeat with different periods; every fifth is deleted."""
    columns = {name: cycle(values) for name, values in VALUES.items()}
    gone = cycle([None, None, datetime(2026, 1, 1, tzinfo=UTC), None, None])
    rows = [{name: next(values) for name, values in columns.items()} for _ in range(count)]
    return [{**row, "deleted_at": next(gone)} for row in rows]


@pytest.fixture
async def filled(database: Database) -> Database:
    """Eleven books, two of them deleted."""
    async with database.session() as session:
        await session.execute(insert(Book), books())
    return database


async def pages(
    database: Database, question: Question, records: Records[Any] = BOOKS
) -> list[list[Any]]:
    """Every page of a list, from the first to the last."""
    found = []
    async with database.session() as session:
        while True:
            one = await records.page(session, question)
            found.append(list(one.rows))
            if one.next is None:
                return found
            question = replace(question, after=one.next)


async def ids(database: Database, **asked: Any) -> list[int]:
    return [book.id for page in await pages(database, Question(**asked)) for book in page]


SORTS = [*VALUES, "made_at", "deleted_at", "id", ""]


@pytest.mark.parametrize("limit", [1, 3, 1000])
@pytest.mark.parametrize("sort", SORTS)
async def test_every_row_is_on_one_page(filled: Database, sort: str, limit: int) -> None:
    up = await ids(filled, sort=sort, limit=limit, state=State.all)
    down = await ids(filled, sort=f"-{sort}", limit=limit, state=State.all)
    assert sorted(up) == list(range(1, 12))
    assert down == up[::-1]


@pytest.mark.parametrize("sort", [name for name in VALUES if name != "title"])
async def test_null_is_the_largest_value_on_both(filled: Database, sort: str) -> None:
    ((*rows,),) = await pages(filled, Question(sort=sort, limit=1000))
    values = [getattr(row, sort) for row in rows]
    known = [one.name if isinstance(one, Colour) else one for one in values if one is not None]
    assert values[len(known) :] == [None] * (len(values) - len(known))
    assert known == sorted(known) or sort == "colour"  # PostgreSQL orders an enum as declared


async def test_times_that_the_server_wrote_are_paged_without_a_loss(filled: Database) -> None:
    # SQLite keeps 14:20:03 for these, and SQLAlchemy would compare with 14:20:03.000000.
    async with filled.session() as session:
        await session.execute(text("UPDATE books SET made_at = CURRENT_TIMESTAMP"))
    assert await ids(filled, sort="made_at", limit=2) == [1, 2, 4, 5, 6, 7, 9, 10, 11]


async def test_a_page_says_whether_there_is_another(filled: Database) -> None:
    assert [len(one) for one in await pages(filled, Question(limit=3))] == [3, 3, 3]
    assert [len(one) for one in await pages(filled, Question(limit=8))] == [8, 1]


@pytest.mark.parametrize(("state", "number"), [("kept", 9), ("deleted", 2), ("all", 11)])
async def test_the_bin_is_a_list_of_its_own(filled: Database, state: str, number: int) -> None:
    assert len(await ids(filled, state=State(state), limit=2)) == number
    async with filled.session() as session:
        found = await BOOKS.page(session, Question(state=State(state), limit=1, count=True))
    assert found.count == number


async def test_a_cursor_is_a_place_and_moves_with_nothing(filled: Database) -> None:
    async with filled.session() as session:
        first = await BOOKS.page(session, Question(limit=3, sort="pages"))
        await session.execute(text("DELETE FROM books WHERE id = :id"), {"id": first.rows[-1].id})
        await session.execute(insert(Book), [{"pages": 1}])
        rest = await BOOKS.page(session, Question(limit=1000, sort="pages", after=first.next))
    assert not {row.id for row in rest.rows} & {row.id for row in first.rows}
    assert len(rest.rows) == 6


async def test_a_key_of_two_columns_is_paged(database: Database) -> None:
    async with database.session() as session:
        await session.execute(insert(Book), [{"pages": 1}, {"pages": 2}])
        rows = [{"book_id": b, "number": n, "reader": "r"} for b in (1, 2) for n in (1, 2, 3)]
        await session.execute(insert(Loan), rows)
    for sort, order in (("", rows), ("-", rows[::-1]), ("reader", rows), ("-reader", rows[::-1])):
        found = await pages(database, Question(limit=2, sort=sort), LOANS)
        keys = [(one.book_id, one.number) for page in found for one in page]
        assert keys == [(row["book_id"], row["number"]) for row in order]


@pytest.mark.parametrize(
    ("searched", "found"),
    [("a", ["a"]), ("B", ["b", "B"]), ("%", ["%"]), ("_", []), ("\\", []), ("/", []), ("'", [])],
)
async def test_what_is_searched_for_is_text(
    filled: Database, searched: str, found: list[str]
) -> None:
    rows = await pages(filled, Question(search=searched, limit=1000))
    assert {row.title for row in rows[0]} == set(found)


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": 0}, {"limit": 1001}, {"limit": -1}, {"sort": "secret"}, {"sort": "nothing"},
        {"sort": "more"}, {"where": {"secret": "x"}}, {"search": "a\0b"}, {"search": "\udcff"},
        {"search": "x" * 1_000_000}, {"after": ""}, {"after": "é"}, {"after": "x" * 2_000_000},
    ],
    ids=lambda asked: next(iter(asked.items()))[0] + repr(next(iter(asked.values())))[:12],
)  # fmt: skip
async def test_a_question_that_cannot_be_answered_is_usage(
    filled: Database, asked: dict[str, Any]
) -> None:
    with pytest.raises(UsageError):
        await ids(filled, **asked)


async def test_a_cursor_of_another_list_is_refused(filled: Database) -> None:
    async with filled.session() as session:
        following = (await BOOKS.page(session, Question(limit=1))).next
    others: list[dict[str, Any]] = [
        {"sort": "pages"}, {"search": "a"}, {"state": State.all}, {"where": {"pages": 1}},
    ]  # fmt: skip
    for asked in others:
        with pytest.raises(UsageError, match="no cursor of this list"):
            await ids(filled, after=following, **asked)


def made_up(sort: str, values: list[Any]) -> str:
    """A cursor that somebody wrote who has read the code."""
    return cursor.written(BOOKS.pages._list(Question(sort=sort)), values)


FORGED: list[Any] = [
    None, 2**63, -(2**70), "x", "a\0b", "\ud800", 1.5, True, Decimal("1e400"), b"\xff",
    datetime(1, 1, 1, tzinfo=UTC), uuid.UUID(int=0),
]  # fmt: skip
FORGEABLE = ["pages", "price", "made_at", "title", "bound", "code", "colour"]


@pytest.mark.parametrize("sort", FORGEABLE)
@pytest.mark.parametrize("value", FORGED, ids=repr)
async def test_a_forged_cursor_is_refused_or_is_a_place(
    filled: Database, sort: str, value: Any
) -> None:
    try:
        found = await ids(filled, sort=sort, after=made_up(sort, [value, 3]))
    except UsageError as error:
        found = [] if "no cursor of this list" in error.message else [-1]
    assert set(found) <= set(range(12))


@pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: c + "A", lambda c: c[::-1]])
async def test_a_damaged_cursor_is_refused(filled: Database, change: Callable[[str], str]) -> None:
    with pytest.raises(UsageError, match="no cursor"):
        await ids(filled, after=change(made_up("", [3])))


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_no_text_is_a_cursor_by_chance(text: str) -> None:
    with pytest.raises(UsageError):
        cursor.read(["list"], [int], text)


@given(st.lists(st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False),
    st.decimals(allow_nan=False), st.datetimes(), st.dates(), st.times(), st.timedeltas(),
    st.uuids(), st.binary(), st.text(st.characters(codec="utf-8", exclude_characters="\0")),
), max_size=4))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_cursor_gives_back_what_it_was_made_of(values: list[Any]) -> None:
    kinds = [type(one) for one in values]
    found = cursor.read(["list"], kinds, cursor.written(["list"], values))
    assert [(type(one), one) for one in found] == [(type(one), one) for one in values]


async def test_where_filters_by_value_and_by_null(filled: Database) -> None:
    assert await ids(filled, where={"pages": 2}) == [4, 5, 9, 10]
    assert await ids(filled, where={"pages": None}) == [2, 7]
