"""Whatever is done in whatever order: no money is lost, no two have one name, the bin is apart."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from dbctl import Database, Settings, loop
from dbctl.errors import AnswerIsNo
from dbctl.records.model import Question, State
from dbctl.sample.models import Base, User
from dbctl.sample.services.transfers import transfer
from dbctl.sample.services.users import USERS

NAMES = st.sampled_from(["anna", "bert", "carl"])
WHO = st.integers(0, 5)
CENTS = st.integers(1, 3000)


class Accounts(RuleBasedStateMachine):
    """Accounts with 10.00 each; `kept` and `gone` are what should be there: id to name."""

    database: Database
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[int, str] = {}
        self.gone: dict[int, str] = {}
        self.money = Decimal(0)
        self.ran(lambda session: session.execute(delete(User)))

    def ran(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        """One transaction; None when the answer was no."""

        async def run() -> Any:
            async with self.database.session() as session:
                return await work(session)

        try:
            return self.runner.run(run())
        except AnswerIsNo:
            return None

    def some(self, rows: dict[int, str], who: int) -> int:
        return sorted(rows)[who % len(rows)]

    @rule(name=NAMES)
    def create(self, name: str) -> None:
        values = {"username": name, "email": f"{name}@example.com", "hashed_password": "x"}
        made = self.ran(lambda s: USERS.create(s, **values, balance=Decimal(10)))
        assert (made is None) == (name in self.kept.values())
        if made is not None:
            self.kept[made.id] = name
            self.money += 10

    @precondition(lambda self: self.kept)
    @rule(who=WHO, name=NAMES)
    def rename(self, who: int, name: str) -> None:
        id_ = self.some(self.kept, who)
        values = {"username": name, "email": f"{name}@example.com"}
        done = self.ran(lambda s: USERS.update(s, id_, values))
        others = [one for other, one in self.kept.items() if other != id_]
        assert (done is None) == (name in others)
        self.kept[id_] = name if done else self.kept[id_]

    @precondition(lambda self: self.kept)
    @rule(who=WHO)
    def remove(self, who: int) -> None:
        id_ = self.some(self.kept, who)
        assert self.ran(lambda s: USERS.delete(s, id_)) is not None
        self.gone[id_] = self.kept.pop(id_)

    @precondition(lambda self: self.gone)
    @rule(who=WHO)
    def restore(self, who: int) -> None:
        id_ = self.some(self.gone, who)
        done = self.ran(lambda s: USERS.restore(s, id_))
        assert (done is None) == (self.gone[id_] in self.kept.values())
        if done is not None:
            self.kept[id_] = self.gone.pop(id_)

    @precondition(lambda self: self.gone)
    @rule(who=WHO)
    def purge(self, who: int) -> None:
        id_ = self.some(self.gone, who)
        self.money -= self.ran(lambda s: USERS.purge(s, id_)).balance
        del self.gone[id_]

    @precondition(lambda self: self.kept)
    @rule(one=WHO, other=WHO, cents=CENTS)
    def pay(self, one: int, other: int, cents: int) -> None:
        rows = {**self.kept, **self.gone}
        pair = self.some(rows, one), self.some(rows, other)
        if pair[0] != pair[1]:
            done = self.ran(lambda s: transfer(s, *pair, Decimal(cents) / 100))
            assert done is None or set(pair) <= self.kept.keys()

    @invariant()
    def no_money_is_lost_and_nobody_owes(self) -> None:
        async def read(session: Any) -> list[Decimal]:
            return list(await session.scalars(select(User.balance)))

        balances = self.ran(read)
        assert sum(balances) == self.money
        assert min(balances, default=Decimal(0)) >= 0

    def listed(self, asked: Question) -> Any:
        return self.ran(lambda session: USERS.page(session, asked))

    @invariant()
    def the_lists_are_what_was_done(self) -> None:
        for state, expected in ((State.kept, self.kept), (State.deleted, self.gone)):
            found = self.listed(Question(state=state, limit=1000))
            assert {row.id: row.username for row in found.rows} == expected


@contextmanager
def machine(url: str) -> Iterator[type[Accounts]]:
    """The machine on one database, and one loop for all its steps."""
    with loop.lasting() as runner:
        database = Database(Settings.load(url=url), metadata=Base.metadata)
        runner.run(database.create_tables())
        yield type("Here", (Accounts,), {"database": database, "runner": runner})
        runner.run(database.dispose())


def test_no_sequence_of_operations_breaks_an_invariant(database_url: str) -> None:
    bounds = settings(
        max_examples=12,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with machine(database_url) as kind:
        run_state_machine_as_test(kind, settings=bounds)


def test_the_machine_itself_notices_a_loss(sqlite_url: str) -> None:
    with machine(sqlite_url) as kind:
        accounts = kind()
        accounts.create("anna")
        accounts.money += 1
        with pytest.raises(AssertionError):
            accounts.no_money_is_lost_and_nobody_owes()
