"""Fewer cases of each test, for sets of versions beside the one that runs everything."""

from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")


def thinned(items: list[pytest.Item], number: int) -> list[pytest.Item]:
    """At most `number` cases of each test, evenly from the first to the last."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    return [one for each in cases.values() for one in evenly(each, number)]


def evenly(each: Sequence[T], number: int) -> list[T]:
    """`number` of them with the first and the last, or all when there are fewer."""
    if len(each) <= number:
        return list(each)
    step = (len(each) - 1) / max(1, number - 1)
    return [each[round(at * step)] for at in range(number)]
