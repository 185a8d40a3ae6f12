"""How often a route asks the database: the same for one row and for many."""

from decimal import Decimal
from typing import Any

import pytest

from dbctl.sample.models import Item, Post
from tests.sample.api.conftest import Client
from tests.sample.api.statements import counted

pytestmark = pytest.mark.anyio

ITEM = {"title": "Oar", "price": "60.00"}
# One of them finds out whose the token is, where one is needed. `seen` are the most that SQLite or
# PostgreSQL need: what one alone needs (a lock's BEGIN) is among them.
ROUTES: list[tuple[str, str, Any, int]] = [
    ("GET", "/users/1", None, 3),
    ("GET", "/users", None, 2),
    ("GET", "/users/1/items", None, 2),
    ("GET", "/items", None, 2),
    ("GET", "/items/1", None, 2),
    ("GET", "/posts", None, 2),
    ("GET", "/posts/1", None, 2),
    ("GET", "/auth/me", None, 2),
    ("POST", "/users/1/items", ITEM, 3),
    ("PATCH", "/items/1", {"title": "t"}, 5),
    ("POST", "/posts", {"title": "t", "slug": "t", "content": "c"}, 4),
    ("PATCH", "/posts/1", {"title": "t"}, 5),
    ("PATCH", "/users/1", {"full_name": "t"}, 4),
    ("POST", "/users/2/transfer", {"amount": 1}, 5),
    ("DELETE", "/items/1", None, 5),
    ("POST", "/auth/logout", None, 6),
]
PUBLIC = ("/items", "/posts", "/users/1/items")


async def filled(api: Client, number: int) -> Client:
    """Two users, one of whom has so many things and texts."""
    root = await api.person("root", is_superuser=True, balance=10)
    await api.person("other")
    async with api.app.state.database.session() as session:
        for one in range(number):
            session.add(Item(title=f"t{one}", price=Decimal(1), owner_id=1))
            session.add(Post(title="t", slug=f"s{one}", content="c", author_id=1))
    return root


@pytest.mark.parametrize("number", [1, 30])
async def test_no_route_asks_once_for_each_row(api: Client, number: int) -> None:
    root = await filled(api, number)
    for method, path, sent, most in ROUTES:
        with counted(api.app.state.database) as seen:
            done = await root.request(method, path, json=sent)
        assert done.is_success, (path, done.text)
        assert len(seen) <= most, (method, path, seen)


async def test_what_everybody_may_see_takes_one_statement(api: Client) -> None:
    await filled(api, 30)
    for path in PUBLIC:
        with counted(api.app.state.database) as seen:
            assert len((await api.get(path)).json()["rows"]) == 20
        assert len(seen) == 1, (path, seen)
        assert "hashed_password" not in seen[0]


async def test_reading_begins_no_transaction(api: Client) -> None:
    await filled(api, 1)
    asked: list[int] = []
    async with api.app.state.database.reading_session_maker() as session:
        connection = await session.connection()
        driver = (await connection.get_raw_connection()).driver_connection
        await session.execute(Item.__table__.select())
        inside = getattr(driver, "is_in_transaction", None)
        asked.append(inside() if inside else driver.in_transaction)
    assert asked == [False]
