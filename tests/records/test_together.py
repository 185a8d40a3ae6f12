"""A row with the page of those that point at it: what two statements read, in one."""

from collections.abc import Sequence
from typing import Any

import pytest

from dbctl import Database
from dbctl.errors import NotFoundError
from dbctl.records.model import LIMIT, Question
from dbctl.records.rows import Records
from dbctl.records.together import Together
from tests.records.models import Book, Loan
from tests.sample.api.statements import counted

pytestmark = pytest.mark.anyio

BOOKS = Records(Book, hidden=("secret",))
LOANS = Records(Loan)
NAMES = ("title", "id", "price", "made_at")
LENT = Together(BOOKS, LOANS, by="book_id", names=("reader", "number"))
BEHIND = Together(BOOKS, BOOKS, by="shelf", names=NAMES)  # books that point at books
NUMBERS = (0, 1, LIMIT, LIMIT + 1)  # of loans, by book


@pytest.fixture
async def filled(database: Database) -> Database:
    """Books with as many loans as `NUMBERS` says, and books that others point at."""
    async with database.session() as session:
        for key, number in enumerate(NUMBERS, 1):
            await BOOKS.create(session, title=f"t{key}", price=key)
            for at in reversed(range(number)):
                await LOANS.create(session, book_id=key, number=at, reader=f"r{at}")
        for shelf in (1, 1, 1, 2):
            await BOOKS.create(session, title="behind", shelf=shelf)
        for key in (3, 6):
            await BOOKS.delete(session, key)
    return database


@pytest.mark.parametrize("key", [1, 2, 4])
@pytest.mark.parametrize("both", [LENT, BEHIND], ids=["without a bin", "with one"])
async def test_both_are_what_two_statements_read(
    both: Together[Any, Any], key: int, filled: Database
) -> None:
    async with filled.session() as session:
        row = await both.parents.read(session, key, NAMES)
        page = await both.children.rows(session, Question(where={both.by: key}), both.names)
        with counted(filled) as statements:
            assert await both.read(session, key, NAMES) == (row, page)
        assert len(statements) == 1


async def test_what_is_behind_the_page_is_found_by_its_cursor(filled: Database) -> None:
    async with filled.session() as session:
        _, page = await LENT.read(session, 4, NAMES)
        after = Question(where={"book_id": 4}, after=page.next)
        rest = await LOANS.rows(session, after, LENT.names)
    numbers: Sequence[int] = [one["number"] for one in [*page.rows, *rest.rows]]
    assert numbers == list(range(LIMIT + 1))
    assert rest.next is None


@pytest.mark.parametrize("key", [3, 6, 99, 2**70], ids=["deleted", "pointing", "none", "huge"])
async def test_a_row_that_is_not_there_is_not_found(key: int, filled: Database) -> None:
    async with filled.session() as session:
        with pytest.raises(NotFoundError) as whole:
            await BEHIND.read(session, key, NAMES)
        with pytest.raises(NotFoundError) as alone:
            await BOOKS.read(session, key, NAMES)
    assert str(whole.value) == str(alone.value)


async def test_nobodys_children_are_never_somebody_elses(filled: Database) -> None:
    both = Together(BOOKS, BOOKS, by="shelf", names=NAMES)
    async with filled.session() as session:
        with pytest.raises(NotFoundError):
            await both.read(session, None, NAMES)
        assert await both.read(session, 1, NAMES) == await BEHIND.read(session, 1, NAMES)
