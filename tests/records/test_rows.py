"""Create, change, delete, restore and purge, and what a database says no to."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select, text, update

from dbctl import Database, Settings
from dbctl.errors import (
    BadValueError,
    ConfigurationError,
    InUseError,
    LockedError,
    NotFoundError,
    PendingError,
    ProviderError,
    TakenError,
    TimedOutError,
    UnreachableError,
    UsageError,
)
from dbctl.records import violations
from dbctl.records.rows import Records
from dbctl.records.violations import Violation, translated
from tests.records.models import Book, Draft, Loan

pytestmark = pytest.mark.anyio

BOOKS = Records(Book, hidden=("secret",))
LOANS = Records(Loan)
DRAFTS = Records(Draft)


async def done(
    database: Database, work: Callable[..., Awaitable[Any]], *args: Any, **values: Any
) -> Any:
    """One call of the room in a transaction of its own."""
    async with database.session() as session:
        return await work(session, *args, **values)


async def test_a_new_row_can_be_read_at_once(database: Database) -> None:
    book = await done(database, BOOKS.create, title="a", pages=3)
    assert (book.id, book.title, book.deleted_at) == (1, "a", None)
    assert book.made_at is not None  # the server wrote it


async def test_nothing_is_committed_behind_the_callers_back(database: Database) -> None:
    async def work(session: Any) -> None:
        await BOOKS.create(session, pages=3)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await done(database, work)
    with pytest.raises(NotFoundError):
        await done(database, BOOKS.find, 1)


async def test_only_what_is_named_is_changed(database: Database) -> None:
    await done(database, BOOKS.create, title="a", pages=3)
    said: list[str] = []
    event.listen(
        database.async_engine.sync_engine,
        "before_cursor_execute",
        lambda *seen: said.append(seen[2]),
    )
    book = await done(database, BOOKS.update, 1, {"title": "b"})
    assert (book.title, book.pages) == ("b", 3)
    (change,) = [statement for statement in said if statement.startswith("UPDATE")]
    assert "title" in change
    assert "pages" not in change


async def test_a_column_that_is_not_there_is_refused(database: Database) -> None:
    await done(database, BOOKS.create, pages=3)
    with pytest.raises(UsageError, match="no column 'metadata'"):
        await done(database, BOOKS.update, 1, {"metadata": 1})


async def test_a_deleted_row_is_in_the_bin_until_it_is_restored(database: Database) -> None:
    await done(database, BOOKS.create, isbn="1")
    gone = await done(database, BOOKS.delete, 1)
    assert gone.deleted_at is not None
    with pytest.raises(NotFoundError, match="was deleted"):
        await done(database, BOOKS.find, 1)
    assert (await done(database, BOOKS.find, 1, deleted=None)).isbn == "1"
    assert (await done(database, BOOKS.restore, 1)).deleted_at is None
    with pytest.raises(NotFoundError, match="is not deleted"):
        await done(database, BOOKS.restore, 1)


@pytest.mark.parametrize("verb", ["delete", "update"])
async def test_what_is_in_the_bin_is_left_alone(database: Database, verb: str) -> None:
    await done(database, BOOKS.create, isbn="1")
    await done(database, BOOKS.delete, 1)
    more = [{"isbn": "2"}] if verb == "update" else []
    with pytest.raises(NotFoundError, match="was deleted"):
        await done(database, getattr(BOOKS, verb), 1, *more)


async def test_both_columns_of_a_bin_are_written(database: Database) -> None:
    await done(database, DRAFTS.create)
    gone = await done(database, DRAFTS.delete, 1)
    assert (gone.is_deleted, gone.deleted_at is None) == (True, False)
    back = await done(database, DRAFTS.restore, 1)
    assert (back.is_deleted, back.deleted_at) == (False, None)


@pytest.mark.parametrize("deleted", [True, False])
async def test_purged_is_gone(database: Database, deleted: bool) -> None:
    await done(database, BOOKS.create, isbn="1")
    if deleted:
        await done(database, BOOKS.delete, 1)
    assert (await done(database, BOOKS.purge, 1)).isbn == "1"
    with pytest.raises(NotFoundError, match="there is no book 1"):
        await done(database, BOOKS.find, 1, deleted=None)


async def test_a_class_without_a_bin_says_so(database: Database) -> None:
    with pytest.raises(ConfigurationError, match="no column deleted_at"):
        await done(database, LOANS.delete, (1, 1))


async def test_a_key_of_two_parts_is_a_tuple(database: Database) -> None:
    await done(database, BOOKS.create, isbn="1")
    await done(database, LOANS.create, book_id=1, number=7, reader="r")
    assert (await done(database, LOANS.find, (1, 7))).reader == "r"
    assert (await done(database, LOANS.update, (1, 7), {"reader": "s"})).reader == "s"
    with pytest.raises(NotFoundError, match="no loan 1, 8"):
        await done(database, LOANS.purge, (1, 8))
    with pytest.raises(UsageError, match="has 2 parts"):
        await done(database, LOANS.find, 1)


@pytest.mark.parametrize("id_", [0, -1, 2**31, -(2**31) - 1, 2**63 - 1, 2**63, -(2**64), 10**400])
@pytest.mark.parametrize("verb", ["find", "delete", "restore", "purge"])
async def test_a_number_that_is_no_id_is_not_found(database: Database, verb: str, id_: int) -> None:
    with pytest.raises(NotFoundError) as refused:
        await done(database, getattr(BOOKS, verb), id_)
    assert len(refused.value.message) < 80


BAD = {
    "taken": ({"isbn": "1"}, TakenError, "isbn is taken"),
    "two columns": ({"shelf": 1, "place": 1}, TakenError, "shelf, place is taken"),
    "check": ({"pages": 0}, BadValueError, "ck_pages"),
    "number": ({"pages": 2**63}, BadValueError, "cannot hold"),
    "surrogate": ({"title": "\udcff"}, BadValueError, "cannot hold"),
    "type": ({"pages": Decimal("NaN")}, BadValueError, "cannot hold"),
}


@pytest.mark.parametrize(("values", "kind", "said"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("verb", ["create", "update"])
async def test_the_database_says_no(
    database: Database, verb: str, values: dict[str, Any], kind: type[Exception], said: str
) -> None:
    await done(database, BOOKS.create, isbn="1", shelf=1, place=1)
    await done(database, BOOKS.create, isbn="2", shelf=2, place=2)
    changes: dict[str, tuple[Any, ...]] = {
        "create": (BOOKS.create,),
        "update": (BOOKS.update, 2, values),
    }
    more = values if verb == "create" else {}
    with pytest.raises(kind, match=said):
        await done(database, *changes[verb], **more)
    assert (await done(database, BOOKS.find, 2)).isbn == "2"


@pytest.mark.parametrize("values", [{"title": "a\0b"}, {"title": "x" * 1_000_000}])
async def test_what_postgresql_cannot_hold_is_said(
    postgres_url: str, values: dict[str, Any]
) -> None:
    async with Database(Settings.load(url=postgres_url), metadata=Book.metadata) as made:
        await made.create_tables()
        with pytest.raises(BadValueError, match="cannot hold"):
            await done(made, BOOKS.create, **values)


async def test_a_row_that_points_at_nothing_is_refused(database: Database) -> None:
    with pytest.raises(NotFoundError):
        await done(database, LOANS.create, book_id=9, number=1, reader="r")


async def test_a_row_that_is_required_is_named(database: Database) -> None:
    await done(database, BOOKS.create)
    with pytest.raises(BadValueError, match="reader is required"):
        await done(database, LOANS.create, book_id=1, number=1, reader=None)


async def test_a_row_that_others_point_at_stays(database: Database) -> None:
    await done(database, BOOKS.create, isbn="1")
    await done(database, LOANS.create, book_id=1, number=1, reader="r")
    with pytest.raises(InUseError, match="point at it"):
        await done(database, BOOKS.purge, 1)
    assert (await done(database, BOOKS.find, 1)).isbn == "1"


async def test_a_table_that_is_missing_is_pending(database: Database) -> None:
    await database.drop_tables()
    with pytest.raises(PendingError, match="lacks a table"):
        await done(database, BOOKS.find, 1)


async def test_twenty_at_once_and_one_has_the_name(database: Database) -> None:
    tries = [done(database, BOOKS.create, isbn="1") for _ in range(20)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, Book) for one in found) == 1
    assert {type(one) for one in found} == {Book, TakenError}


async def test_a_lock_is_held_to_the_end(postgres_url: str) -> None:
    settings = Settings.load(url=postgres_url).model_copy(update={"lock_timeout": 0.2})
    async with Database(settings, metadata=Book.metadata) as made:
        await made.create_tables()
        await done(made, BOOKS.create, isbn="1")
        async with made.session() as holder:
            await BOOKS.find(holder, 1, lock="share")
            assert (await done(made, BOOKS.find, 1, lock="share")).isbn == "1"
            with pytest.raises(LockedError):
                await done(made, BOOKS.update, 1, {"isbn": "2"})


async def test_a_row_that_was_read_before_is_read_again_under_its_lock(database: Database) -> None:
    await done(database, BOOKS.create, pages=1)
    async with database.async_session_maker() as session:
        assert (await BOOKS.find(session, 1)).pages == 1
        await session.commit()
        await done(database, BOOKS.update, 1, {"pages": 2})
        assert (await BOOKS.find(session, 1, lock="update")).pages == 2


async def test_no_message_repeats_a_value(database: Database) -> None:
    await done(database, BOOKS.create, isbn="s3cret")
    with pytest.raises(TakenError) as refused:
        await done(database, BOOKS.create, isbn="s3cret")
    assert "s3cret" not in refused.value.message + refused.value.hint


KINDS = {
    violations.LOCKED: LockedError,
    violations.SLOW: TimedOutError,
    violations.LOST: UnreachableError,
    "": ProviderError,
}


@pytest.mark.parametrize(("kind", "error"), KINDS.items())
def test_every_kind_has_an_error(kind: str, error: type[Exception]) -> None:
    assert isinstance(violations.refusal(Violation(kind)), error)


async def test_the_commit_is_translated_too(postgres_url: str) -> None:
    async with Database(Settings.load(url=postgres_url)) as made:
        async with made.session() as session:
            await session.execute(text("CREATE TABLE a (id int PRIMARY KEY)"))
            await session.execute(
                text("CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED)")
            )
        with pytest.raises(NotFoundError), translated():
            async with made.session() as session:
                await session.execute(text("INSERT INTO b VALUES (1)"))


async def test_an_error_of_somebody_else_passes(database: Database) -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError


async def test_a_hidden_column_is_written_and_never_named(database: Database) -> None:
    await done(database, BOOKS.create, secret="x")
    await done(database, BOOKS.update, 1, {"secret": "y"})
    async with database.session() as session:
        assert await session.scalar(select(Book.secret)) == "y"
        await session.execute(update(Book).values(pages=1))
    with pytest.raises(UsageError) as refused:
        _ = BOOKS.fields["secret"]
    assert "secret" not in refused.value.hint
