"""Some columns of rows, read without making objects: the same rows, in the same order."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from dbctl import Database, Settings
from dbctl.errors import NotFoundError, UsageError
from dbctl.records.model import Question, State
from dbctl.records.rows import Records
from tests.records.models import Book, Loan

pytestmark = pytest.mark.anyio

BOOKS = Records(Book, hidden=("secret",))
LOANS = Records(Loan)
NAMES = ("id", "title", "pages", "price", "made_at")


@pytest.fixture
async def filled(database: Database) -> Database:
    """Books with and without titles, some of them deleted."""
    async with database.session() as session:
        for number in range(12):
            title = None if number % 3 == 0 else f"t{number % 5}"
            await BOOKS.create(session, title=title, pages=number % 4 + 1)
        for key in (2, 5):
            await BOOKS.delete(session, key)
    return database


def questions() -> Iterator[Question]:
    for sort in ("", "-id", "title", "-title", "pages", "-made_at"):
        for state in State:
            yield Question(limit=3, sort=sort, state=state)
    for where in ({"pages": 1}, {"pages": 2}, {"title": None}, {"title": "t1", "pages": 4}):
        yield Question(limit=3, where=where)
        yield Question(limit=2, where=where, search="t", sort="title")


async def walked(session: Any, question: Question, names: tuple[str, ...]) -> list[Any]:
    """Every row of a list, page by page."""
    seen: list[Any] = []
    while True:
        page = BOOKS.rows(session, question, names) if names else BOOKS.page(session, question)
        found = await page
        seen += found.rows
        if found.next is None:
            return seen
        question = Question(**{**vars(question), "after": found.next})


async def test_rows_are_those_of_the_objects(filled: Database) -> None:
    async with filled.session() as session:
        for question in questions():
            objects = await walked(session, question, ())
            expected = [{name: getattr(one, name) for name in NAMES} for one in objects]
            assert await walked(session, question, NAMES) == expected, question
            assert objects or question.search


async def test_a_statement_that_is_kept_holds_no_value(filled: Database) -> None:
    async with filled.session() as session:
        for pages in (1, 2, 3, 1):
            found = await BOOKS.rows(session, Question(where={"pages": pages}), ("pages",))
            assert {row["pages"] for row in found.rows} == {pages}
        kept = len(BOOKS.bare_pages._made)
        for limit in (1, 2, 3):
            for pages in (4, 2**40):
                question = Question(limit=limit, where={"pages": pages})
                assert len((await BOOKS.rows(session, question, ("pages",))).rows) <= limit
        assert len(BOOKS.bare_pages._made) == kept


async def test_some_columns_of_one_row(filled: Database) -> None:
    async with filled.session() as session:
        book = await BOOKS.find(session, 3)
        assert await BOOKS.read(session, 3, NAMES) == {one: getattr(book, one) for one in NAMES}
        await BOOKS.read(session, 2, NAMES, deleted=True)
        for key, deleted in ((2, False), (3, True), (99, None), (2**63, None), (2**40, None)):
            with pytest.raises(NotFoundError):
                await BOOKS.read(session, key, NAMES, deleted=deleted)
        await LOANS.create(session, book_id=3, number=7, reader="r")
        assert await LOANS.read(session, (3, 7), ("reader",)) == {"reader": "r"}
        with pytest.raises(NotFoundError):
            await LOANS.read(session, (3, 8), ("reader",))


async def test_what_is_hidden_stays_so(filled: Database) -> None:
    async with filled.session() as session:
        for asked in (
            BOOKS.read(session, 3, ("secret",)),
            BOOKS.rows(session, Question(), ("secret",)),
            BOOKS.rows(session, Question(where={"secret": "x"}), ("id",)),
            BOOKS.rows(session, Question(limit=0), ("id",)),
        ):
            with pytest.raises(UsageError):
                await asked


class Zoo(DeclarativeBase):
    """Classes that share a table."""


class Animal(Zoo):
    """Any of them."""

    __tablename__ = "animals"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]


class Cat(Animal):
    """One kind alone."""

    __mapper_args__ = {"polymorphic_identity": "cat"}


async def test_a_class_that_shares_its_table_sees_its_own_rows(sqlite_url: str) -> None:
    cats = Records(Cat)
    async with Database(Settings.load(url=sqlite_url), metadata=Zoo.metadata) as database:
        await database.create_tables()
        async with database.session() as session:
            session.add_all([Animal(), Cat()])
            await session.flush()
            assert (await cats.rows(session, Question(), ("id",))).rows == [{"id": 2}]
            with pytest.raises(NotFoundError):
                await cats.read(session, 1, ("id",))
