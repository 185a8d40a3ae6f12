"""The models, on both databases: what is stored, what is unique, what an amount is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text, update
from sqlalchemy.exc import IntegrityError, InvalidRequestError, StatementError
from sqlalchemy.orm import selectinload

from dbctl import Database, Settings
from dbctl.sample.models import Base, Item, Post, RefreshToken, Token, User, UserData

pytestmark = pytest.mark.anyio

MODELS = [User, UserData, Token, RefreshToken, Item, Post]
ZURICH = timezone(timedelta(hours=2))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with the tables of the models."""
    async with Database(Settings.load(url=database_url), metadata=Base.metadata) as made:
        await made.create_tables()
        yield made


def user(name: str = "alice", **values: Any) -> User:
    plain = {"username": name, "email": f"{name}@example.com", "hashed_password": "x"}
    return User(**{**plain, **values})


async def stored(database: Database, *rows: Base) -> None:
    async with database.session() as session:
        session.add_all(rows)


async def loaded(database: Database, query: Any) -> Any:
    async with database.session() as session:
        return await session.scalar(query)


def test_a_new_user_has_its_defaults_before_it_is_stored() -> None:
    alice = user()
    assert (alice.is_active, alice.is_superuser, alice.balance) == (True, False, Decimal("0.00"))
    assert alice.is_deleted is False


def test_deletion_is_one_column_in_two_spellings() -> None:
    alice = user()
    alice.soft_delete()
    first = alice.deleted_at
    alice.soft_delete()
    assert alice.is_deleted
    assert alice.deleted_at is first
    alice.restore()
    assert (alice.is_deleted, alice.deleted_at) == (False, None)
    with pytest.raises(AttributeError):
        alice.is_deleted = True


def test_the_name_of_a_row_in_a_log_holds_no_value() -> None:
    assert repr(user(hashed_password="secret")) == "<User(id=None)>"


@pytest.mark.parametrize("model", MODELS)
def test_every_relationship_must_be_loaded_by_name(model: type[Base]) -> None:
    assert {one.lazy for one in inspect(model).relationships} == {"raise"}


@pytest.mark.parametrize("model", MODELS)
def test_every_foreign_key_has_an_index(model: type[Base]) -> None:
    table: Any = model.__table__
    unique = {c.name for one in table.constraints for c in getattr(one, "columns", ())}
    indexed = {next(iter(index.columns)).name for index in table.indexes} | unique
    assert {key.parent.name for key in table.foreign_keys} <= indexed
    assert all(one.name for one in table.constraints)


async def test_deletion_can_be_asked_for_in_sql(database: Database) -> None:
    bob = user("bob")
    bob.soft_delete()
    await stored(database, user(), bob)
    assert await loaded(database, select(User.username).where(User.is_deleted)) == "bob"
    assert await loaded(database, select(User.username).where(User.is_deleted == False)) == "alice"  # noqa: E712 - as users write it


async def test_deletion_can_be_set_in_bulk(database: Database) -> None:
    await stored(database, user())
    async with database.session() as session:
        await session.execute(update(User).values(is_deleted=True))
    assert (await loaded(database, select(User))).is_deleted


async def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 250_000, tzinfo=ZURICH)
    await stored(database, user(deleted_at=moment))
    alice = await loaded(database, select(User))
    times = (alice.created_at, alice.updated_at, alice.deleted_at)
    assert alice.deleted_at == moment
    assert {time.tzinfo for time in times} == {UTC}
    assert abs(datetime.now(UTC) - alice.created_at) < timedelta(minutes=1)


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        await stored(database, user(deleted_at=datetime(2026, 3, 29)))  # noqa: DTZ001 - on purpose


async def test_an_update_moves_updated_at_and_needs_no_further_load(database: Database) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    await stored(database, user(updated_at=old, created_at=old))
    async with database.session() as session:
        alice = (await session.scalars(select(User))).one()
        alice.full_name = "Alice"
        await session.flush()
        assert alice.updated_at > old
    assert alice.created_at == old


@pytest.mark.parametrize("column", ["username", "email"])
async def test_names_are_unique_among_users_who_are_kept(database: Database, column: str) -> None:
    await stored(database, user())
    with pytest.raises(IntegrityError):
        await stored(database, user("bob", **{column: getattr(user(), column)}))


async def test_a_deleted_user_gives_name_and_address_back(database: Database) -> None:
    gone = user()
    gone.soft_delete()
    await stored(database, gone, user())
    assert await loaded(database, select(func.count()).select_from(User)) == 2


async def test_a_slug_is_unique_among_posts_that_are_kept(database: Database) -> None:
    gone, kept, again = (Post(title="T", slug="t", content="c", author_id=1) for _ in range(3))
    gone.soft_delete()
    await stored(database, user())
    await stored(database, gone, kept)
    with pytest.raises(IntegrityError):
        await stored(database, again)


async def test_the_case_of_an_address_does_not_matter(database: Database) -> None:
    await stored(database, user(email="Alice@Example.COM"))
    assert await loaded(database, select(User.email)) == "alice@example.com"
    assert await loaded(database, select(User).where(User.email == "ALICE@example.com"))
    with pytest.raises(IntegrityError):
        await stored(database, user("bob", email="aLICE@example.com"))


async def test_raw_sql_cannot_store_an_address_in_capitals(database: Database) -> None:
    await stored(database, user())
    with pytest.raises(IntegrityError, match="ck_users_email_lower"):
        async with database.session() as session:
            await session.execute(text("UPDATE users SET email = 'Alice@example.com'"))


async def test_sums_of_money_are_exact(database: Database) -> None:
    await stored(database, *(user(f"u{n}", balance=Decimal("0.10")) for n in range(30)))
    total = await loaded(database, select(func.sum(User.balance)))
    assert (total, str(total)) == (Decimal("3.00"), "3.00")


async def test_money_is_compared_and_computed_in_sql(database: Database) -> None:
    await stored(database, user(balance=Decimal("120.50")))
    async with database.session() as session:
        changed = update(User).where(User.balance >= 120)
        await session.execute(changed.values(balance=User.balance - Decimal("0.75")))
    assert await loaded(database, select(User.balance)) == Decimal("119.75")
    assert await loaded(database, select(User.balance * 2)) == Decimal("239.50")


async def test_the_largest_amount_survives(database: Database) -> None:
    await stored(database, user(balance=Decimal("9999999999.99")))
    assert await loaded(database, select(User.balance)) == Decimal("9999999999.99")


@pytest.mark.parametrize("amount", [Decimal("0.001"), Decimal("NaN"), Decimal("Infinity"), 0.1])
async def test_what_is_no_exact_amount_is_refused(database: Database, amount: Any) -> None:
    with pytest.raises(StatementError, match="money"):
        await stored(database, user(balance=amount))


async def test_a_balance_is_never_negative(database: Database) -> None:
    with pytest.raises(IntegrityError, match="ck_users_balance_amount"):
        await stored(database, user(balance=Decimal("-0.01")))


async def test_a_price_is_never_negative(database: Database) -> None:
    await stored(database, user())
    with pytest.raises(IntegrityError, match="ck_items_price_amount"):
        await stored(database, Item(title="T", price=Decimal(-1), owner_id=1))


async def test_raw_sql_cannot_store_nan_on_postgresql(postgres_url: str) -> None:
    async with Database(Settings.load(url=postgres_url), metadata=Base.metadata) as database:
        await database.create_tables()
        await stored(database, user())
        with pytest.raises(IntegrityError, match="ck_users_balance_amount"):
            async with database.session() as session:
                await session.execute(text("UPDATE users SET balance = 'NaN'"))


async def test_relations_are_loaded_when_asked_for(database: Database) -> None:
    alice = user(data=UserData(locale="fr"), items=[Item(title="Oar", price=Decimal(60))])
    await stored(database, alice)
    options = selectinload(User.data), selectinload(User.items)
    found = await loaded(database, select(User).options(*options))
    assert found.data.locale == "fr"
    assert [item.price for item in found.items] == [Decimal("60.00")]
    with pytest.raises(InvalidRequestError, match="raise"):
        found.posts  # noqa: B018 - the access is the test


async def test_deleting_a_user_for_good_takes_tokens_along(database: Database) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    alice = user(data=UserData(bio="hello"))
    alice.tokens = [Token(token_hash="0" * 64, expires_at=soon)]
    alice.refresh_tokens = [RefreshToken(token_hash="1" * 64, family="f", expires_at=soon)]
    await stored(database, alice)
    async with database.session() as session:
        await session.delete(await session.get(User, alice.id))
    for model in (User, UserData, Token, RefreshToken):
        assert await loaded(database, select(func.count()).select_from(model)) == 0


async def test_a_user_with_items_cannot_be_deleted_for_good(database: Database) -> None:
    alice = user(items=[Item(title="Oar", price=Decimal(60))])
    await stored(database, alice)
    with pytest.raises(IntegrityError):
        async with database.session() as session:
            await session.delete(await session.get(User, alice.id))
