"""Attempts, by a clock of the test's own."""

from contextlib import suppress

import pytest

from dbctl.sample.api.failures import TooManyError
from dbctl.sample.api.limits import ACCOUNTS, CLIENTS, Attempts


class Clock:
    """Time that stands still until it is told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def taken(attempts: Attempts, client: str, account: str, most: int) -> int:
    """How many attempts get through."""
    through = 0
    with suppress(TooManyError):
        while through < most:
            attempts.take(client, account)
            through += 1
    return through


def test_a_minute_gives_the_attempts_back_one_by_one() -> None:
    clock = Clock()
    attempts = Attempts(4, clock=clock)
    assert taken(attempts, "1.1.1.1", "alice", 10) == 4
    clock.now += 15
    assert taken(attempts, "1.1.1.1", "alice", 10) == 1
    clock.now += 600
    assert taken(attempts, "1.1.1.1", "alice", 10) == 4


def test_one_address_tries_some_accounts_and_not_all() -> None:
    attempts = Attempts(4, clock=Clock())
    through = sum(taken(attempts, "1.1.1.1", f"user{number}", 1) for number in range(100))
    assert through == 4 * ACCOUNTS
    assert taken(attempts, "2.2.2.2", "user0", 1) == 1


@pytest.mark.parametrize(("other", "through"), [("2001:db8:1:2::9", 0), ("2001:db8:1:3::9", 1)])
def test_whoever_owns_a_network_is_one(other: str, through: int) -> None:
    attempts = Attempts(1, clock=Clock())
    assert taken(attempts, "2001:db8:1:2::1", "alice", 1) == 1
    assert taken(attempts, other, "alice", 1) == through


def test_the_memory_for_clients_has_an_end() -> None:
    attempts = Attempts(1, clock=Clock())
    for number in range(CLIENTS):
        attempts.take(f"{number}", "alice")
    assert len(attempts.until) == CLIENTS
