"""The services: accounts, things, texts and money, on both databases."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from dbctl import Database, Settings
from dbctl.errors import (
    AnswerIsNo,
    BadValueError,
    InUseError,
    NotFoundError,
    TakenError,
    UsageError,
)
from dbctl.records.model import Question, State
from dbctl.sample.models import Base, Item, Post, User, UserData
from dbctl.sample.schemas import ItemCreate, ItemUpdate, PostCreate, PostUpdate, UserUpdate
from dbctl.sample.services import items, passwords, posts, users
from dbctl.sample.services.slugs import slug
from dbctl.sample.services.transfers import NotEnoughError, transfer
from tests.sample.test_migrations import TITLES

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with the tables of the models."""
    async with Database(Settings.load(url=database_url), metadata=Base.metadata) as made:
        await made.create_tables()
        yield made


async def done(
    database: Database, work: Callable[..., Awaitable[Any]], *args: Any, **values: Any
) -> Any:
    """One call of a service in a transaction of its own."""
    async with database.session() as session:
        return await work(session, *args, **values)


async def people(database: Database, *names: str, balance: int = 0) -> list[int]:
    """New users, without the time that a hash takes; their ids."""
    made = [
        await done(
            database,
            users.USERS.create,
            username=name,
            email=f"{name}@example.com",
            hashed_password="x",
            balance=Decimal(balance),
        )
        for name in names
    ]
    return [user.id for user in made]


async def balances(database: Database) -> list[Decimal]:
    async with database.session() as session:
        return list(await session.scalars(select(User.balance).order_by(User.id)))


async def test_an_account_keeps_a_hash_that_its_password_fits(database: Database) -> None:
    from dbctl.sample.schemas import UserCreate

    new = UserCreate(
        username="Alice", email="Alice@Example.com", password=SecretStr("correct horse")
    )
    alice = await done(database, users.create, new)
    assert (alice.username, alice.email, alice.is_superuser) == (
        "Alice",
        "alice@example.com",
        False,
    )
    assert alice.hashed_password.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert await passwords.verified(SecretStr("correct horse"), alice.hashed_password)
    assert not await passwords.verified(SecretStr("correct house"), alice.hashed_password)
    assert not await passwords.verified(SecretStr("correct horse"), None)


async def test_the_seeds_hashes_are_of_the_same_kind(sample_sqlite_url: str) -> None:
    async with Database(Settings.load(url=sample_sqlite_url)) as database:
        async with database.session() as session:
            kept = await session.scalar(select(User.hashed_password).limit(1))
        assert await passwords.verified(SecretStr("x" * 8), kept) is False


def test_generated_passwords_differ() -> None:
    made = {passwords.generated() for _ in range(100)}
    assert len(made) == 100
    assert {len(one) for one in made} == {24}


async def test_another_password_replaces_the_first(database: Database) -> None:
    (alice,) = await people(database, "alice")
    changed = await done(database, users.set_password, alice, SecretStr("correct horse"))
    assert await passwords.verified(SecretStr("correct horse"), changed.hashed_password)


async def test_a_name_is_free_again_while_its_owner_is_deleted(database: Database) -> None:
    (first,) = await people(database, "alice")
    with pytest.raises(TakenError, match=r"(username|email) is taken"):
        await people(database, "alice")
    await done(database, users.USERS.delete, first)
    (second,) = await people(database, "alice")
    with pytest.raises(TakenError):
        await done(database, users.USERS.restore, first)
    await done(database, users.USERS.delete, second)
    assert (await done(database, users.USERS.restore, first)).deleted_at is None


async def test_an_update_leaves_out_what_was_left_out(database: Database) -> None:
    (alice,) = await people(database, "alice", balance=5)
    named = UserUpdate(full_name="A", is_active=False)
    changed = await done(database, users.update, alice, named, superuser=True)
    assert (changed.full_name, changed.is_active, changed.is_superuser) == ("A", False, True)
    assert (changed.username, changed.email, changed.balance) == ("alice", "alice@example.com", 5)
    again = await done(database, users.update, alice, UserUpdate(full_name=None))
    assert (again.full_name, again.is_superuser) == (None, True)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Every SELECT of the block."""
    seen: list[str] = []

    def heard(*args: Any) -> None:
        seen.append(args[2])

    engine = database.async_engine.sync_engine
    event.listen(engine, "before_cursor_execute", heard)
    yield seen
    event.remove(engine, "before_cursor_execute", heard)


async def test_a_user_is_shown_with_one_query_for_each_relation(database: Database) -> None:
    alice, bob = await people(database, "alice", "bob")
    async with database.session() as session:
        session.add(UserData(user_id=alice, bio="hello"))
        for number in range(30):
            session.add(Item(title=f"t{number}", price=Decimal(1), owner_id=alice))
            session.add(Post(title="t", slug=f"s{number}", content="c", author_id=bob))
    with counted(database) as seen:
        found = await done(database, users.shown, alice)
    assert len([one for one in seen if one.startswith("SELECT")]) == 4
    assert (found.user.data.bio, len(found.items.rows), found.items.next is None) == (
        "hello", 20, False,
    )  # fmt: skip
    assert (found.posts.rows, found.posts.next) == ([], None)


@pytest.mark.parametrize(("room", "name"), [(items, "owner"), (posts, "author")])
async def test_a_thing_is_shown_with_two_queries(database: Database, room: Any, name: str) -> None:
    (alice,) = await people(database, "alice")
    await done(database, items.create, alice, ItemCreate(title="t", price=Decimal(1)))
    await done(database, posts.create, alice, PostCreate(title="t", content="c"))
    with counted(database) as seen:
        found = await done(database, room.shown, 1)
    assert getattr(found, name).username == "alice"
    assert len([one for one in seen if one.startswith("SELECT")]) == 2


@pytest.mark.parametrize("owner", [0, 99, 2**31, 2**63])
async def test_nobody_offers_or_writes_nothing(database: Database, owner: int) -> None:
    with pytest.raises(NotFoundError, match=f"no user {owner}"):
        await done(database, items.create, owner, ItemCreate(title="t", price=Decimal(1)))
    with pytest.raises(NotFoundError, match=f"no user {owner}"):
        await done(database, posts.create, owner, PostCreate(title="t", content="c"))


async def test_a_deleted_user_offers_nothing_new(database: Database) -> None:
    (alice,) = await people(database, "alice")
    await done(database, users.USERS.delete, alice)
    with pytest.raises(NotFoundError, match="was deleted"):
        await done(database, items.create, alice, ItemCreate(title="t", price=Decimal(1)))


async def test_a_user_with_things_cannot_be_purged(database: Database) -> None:
    (alice,) = await people(database, "alice")
    await done(database, items.create, alice, ItemCreate(title="t", price=Decimal(1)))
    with pytest.raises(InUseError):
        await done(database, users.USERS.purge, alice)
    await done(database, items.ITEMS.purge, 1)
    await done(database, users.USERS.purge, alice)


async def test_things_and_texts_change_in_part(database: Database) -> None:
    (alice,) = await people(database, "alice")
    await done(database, items.create, alice, ItemCreate(title="t", price=Decimal("1.50")))
    await done(database, posts.create, alice, PostCreate(title="My title", content="c"))
    item = await done(database, items.update, 1, ItemUpdate(title="u"))
    post = await done(database, posts.update, 1, PostUpdate(title="u"))
    assert (item.title, item.price) == ("u", Decimal("1.50"))
    assert (post.title, post.slug, post.content) == ("u", "my-title", "c")


@pytest.mark.parametrize(("title", "made"), TITLES.items(), ids=repr)
def test_slugs_are_made_as_the_revision_made_them(title: str, made: str) -> None:
    assert slug(title) == made.partition("--")[0]


async def test_titles_alike_have_slugs_of_their_own(database: Database) -> None:
    (alice,) = await people(database, "alice")
    new = PostCreate(title="Hello, World!", content="c")
    made = [await done(database, posts.create, alice, new) for _ in range(4)]
    assert [one.slug for one in made] == [
        "hello-world", "hello-world--2", "hello-world--3", "hello-world--4",
    ]  # fmt: skip
    with pytest.raises(TakenError, match="slug is taken"):
        await done(database, posts.create, alice, new.model_copy(update={"slug": "hello-world"}))


async def test_titles_alike_at_once_have_slugs_of_their_own(database: Database) -> None:
    (alice,) = await people(database, "alice")
    new = PostCreate(title="Hello", content="c")
    made = await asyncio.gather(*(done(database, posts.create, alice, new) for _ in range(12)))
    assert len({one.slug for one in made}) == 12


async def test_a_transfer_moves_money_and_loses_none(database: Database) -> None:
    alice, bob = await people(database, "alice", "bob", balance=10)
    moved = await done(database, transfer, alice, bob, Decimal("3.25"))
    assert (moved.source.balance, moved.target.balance) == (Decimal("6.75"), Decimal("13.25"))
    assert await balances(database) == [Decimal("6.75"), Decimal("13.25")]
    await done(database, transfer, bob, alice, Decimal("13.25"))
    assert await balances(database) == [Decimal("20.00"), Decimal("0.00")]


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1.005", "NaN", "Infinity", "1E-50"])
async def test_an_amount_is_positive_and_whole_cents(database: Database, amount: str) -> None:
    alice, bob = await people(database, "alice", "bob", balance=10)
    with pytest.raises(UsageError, match="amount"):
        await done(database, transfer, alice, bob, Decimal(amount))
    assert await balances(database) == [10, 10]


@pytest.mark.parametrize("amount", ["10.01", "1E+50", "999999999999.99"])
async def test_nobody_goes_below_zero(database: Database, amount: str) -> None:
    alice, bob = await people(database, "alice", "bob", balance=10)
    with pytest.raises(NotEnoughError, match="more than user"):
        await done(database, transfer, alice, bob, Decimal(amount))
    assert await balances(database) == [10, 10]


async def test_a_balance_that_would_be_too_large_is_refused(database: Database) -> None:
    (alice,) = await people(database, "alice", balance=10)
    (bob,) = await people(database, "bob", balance=9_999_999_999)
    with pytest.raises(BadValueError):
        await done(database, transfer, alice, bob, Decimal(10))
    assert (await balances(database))[0] == 10


async def test_the_check_keeps_a_balance_above_zero(database: Database) -> None:
    (alice,) = await people(database, "alice", balance=1)
    with pytest.raises(BadValueError, match="ck_users_balance_amount"):
        await done(database, users.USERS.update, alice, {"balance": Decimal(-1)})


@pytest.mark.parametrize("other", [0, -1, 99, 2**31, 2**63, 10**30])
async def test_nobody_pays_nobody(database: Database, other: int) -> None:
    (alice,) = await people(database, "alice", balance=10)
    for pair in ((alice, other), (other, alice)):
        with pytest.raises(NotFoundError, match=f"no user {other}"):
            await done(database, transfer, *pair, Decimal(1))


async def test_the_deleted_take_no_part_and_nobody_pays_themselves(database: Database) -> None:
    alice, bob = await people(database, "alice", "bob", balance=10)
    await done(database, users.USERS.delete, bob)
    with pytest.raises(NotFoundError):
        await done(database, transfer, alice, bob, Decimal(1))
    with pytest.raises(UsageError, match="themselves"):
        await done(database, transfer, alice, alice, Decimal(1))


def pairs(number: int) -> list[tuple[int, int]]:
    """Transfers among four users, in both directions of each pair, so that locks can cross."""
    both = [(a, b) for a in (1, 2, 3, 4) for b in (1, 2, 3, 4) if a != b]
    return [both[at * 5 % len(both)] for at in range(number)]


async def test_forty_transfers_at_once_are_exact(database: Database) -> None:
    await people(database, "anna", "bert", "carl", "dora", balance=1000)
    moved = pairs(40)
    work = (done(database, transfer, a, b, Decimal("7.01")) for a, b in moved)
    await asyncio.gather(*work)  # the first error would be raised here
    change = [sum((b == one) - (a == one) for a, b in moved) for one in (1, 2, 3, 4)]
    expected = [1000 + times * Decimal("7.01") for times in change]
    assert await balances(database) == expected
    assert sum(await balances(database)) == 4000


async def test_forty_transfers_of_the_last_coin_move_it_once(database: Database) -> None:
    await people(database, "anna", "bert", balance=1)
    work = (done(database, transfer, 1, 2, Decimal(1)) for _ in range(40))
    found = await asyncio.gather(*work, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in found) == 1
    assert {type(one) for one in found if isinstance(one, BaseException)} == {NotEnoughError}
    assert await balances(database) == [0, 2]


async def test_a_session_that_has_read_before_transfers_as_exactly(database: Database) -> None:
    await people(database, "anna", "bert", balance=100)

    async def work(session: Any) -> None:
        anna = await session.get(User, 1)  # kept: the session knows the row, as it was
        await transfer(session, 1, 2, Decimal(1))
        assert anna is not None

    await asyncio.gather(*(done(database, work) for _ in range(20)))
    assert await balances(database) == [80, 120]


async def test_an_engine_that_is_not_ours_transfers_as_exactly(sqlite_url: str) -> None:
    async with Database(Settings.load(url=sqlite_url), metadata=Base.metadata) as made:
        await made.create_tables()
        await people(made, "anna", "bert", balance=100)
        engine = create_async_engine(
            sqlite_url.replace("sqlite:", "sqlite+aiosqlite:"), connect_args={"timeout": 30}
        )
        sessions = async_sessionmaker(engine)

        async def work() -> None:
            async with sessions.begin() as session:
                await transfer(session, 1, 2, Decimal(1))

        await asyncio.gather(*(work() for _ in range(20)))
        await engine.dispose()
        assert await balances(made) == [80, 120]


async def test_lists_search_names_addresses_and_titles(database: Database) -> None:
    alice, _ = await people(database, "alice", "bob")
    await done(database, users.update, alice, UserUpdate(full_name="100% [/b]"))
    for text, number in (("ALI", 1), ("bob@", 1), ("100%", 1), ("%", 1), ("[/b]", 1), ("z", 0)):
        found = await done(database, users.USERS.page, Question(search=text))
        assert len(found.rows) == number, text


@pytest.mark.parametrize("sort", ["hashed_password", "-hashed_password"])
async def test_a_hash_is_no_order(database: Database, sort: str) -> None:
    with pytest.raises(UsageError):
        await done(database, users.USERS.page, Question(sort=sort))


async def test_the_bin_is_listed_apart(database: Database) -> None:
    alice, _ = await people(database, "alice", "bob")
    await done(database, users.USERS.delete, alice)
    asked = {state: Question(state=state, count=True) for state in State}
    found = {state: await done(database, users.USERS.page, one) for state, one in asked.items()}
    assert {state.value: one.count for state, one in found.items()} == {
        "kept": 1, "deleted": 1, "all": 2,
    }  # fmt: skip


async def test_an_account_that_fails_leaves_nothing(database: Database) -> None:
    await people(database, "alice")
    with pytest.raises(AnswerIsNo):
        await people(database, "bob", "alice")
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 2
