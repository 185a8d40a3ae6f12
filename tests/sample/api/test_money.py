"""Many transfers at once, over HTTP: what there is in all stays the same."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from dbctl.sample.models import User
from tests.sample.api.conftest import Client

pytestmark = pytest.mark.anyio

PEOPLE = 5


async def total(api: Client) -> Any:
    async with api.app.state.database.session() as session:
        return await session.scalar(select(func.sum(User.balance)))


@pytest.mark.parametrize(
    "number", [60, pytest.param(1_000, marks=pytest.mark.soak)], ids=["sixty", "thousand"]
)
async def test_transfers_at_once_keep_the_sum(api: Client, number: int) -> None:
    people = [await api.person(f"user{one}", balance=100) for one in range(PEOPLE)]
    pairs = [(one * 3 % PEOPLE, (one * 3 + 1 + one % 4) % PEOPLE) for one in range(number)]
    work = (
        people[source].post(f"/users/{target + 1}/transfer", json={"amount": "7.01"})
        for source, target in pairs
    )
    found = [done.status_code for done in await asyncio.gather(*work)]
    assert set(found) <= {200, 409}
    assert found.count(200) > number / 4
    assert await total(api) == 100 * PEOPLE
