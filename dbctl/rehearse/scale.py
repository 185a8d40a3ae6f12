"""Times of a small copy as the original would have them: by rows, and said to be estimates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from dbctl.rehearse.model import Lock, Rehearsed, Statement

_NEAR = 1.1  # the statistics of the original are no more exact than that


def factors(copy: Mapping[str, int], original: Mapping[str, int]) -> dict[str, float]:
    """How many times as many rows each table of the original has; only those with more."""
    found = {name: original[name] / max(rows, 1) for name, rows in copy.items() if name in original}
    return {name: factor for name, factor in found.items() if factor > _NEAR}


def scaled(one: Rehearsed, by: Mapping[str, float]) -> Rehearsed:
    """The revision with estimates, where a statement worked on a table that is larger elsewhere."""
    if not by:
        return one
    statements = tuple(_statement(said, by) for said in one.statements)
    more = sum((said.estimate or said.seconds) - said.seconds for said in statements)
    if not more:
        return one
    locks = tuple(_lock(lock, statements) for lock in one.locks)
    estimate = round(one.seconds + more, 6)
    return replace(one, statements=statements, locks=locks, estimate=estimate)


def _statement(said: Statement, by: Mapping[str, float]) -> Statement:
    factor = max((by.get(name, 1.0) for name in _tables(said)), default=1.0)
    return replace(said, estimate=round(said.seconds * factor, 6)) if factor > 1 else said


def _tables(said: Statement) -> Iterable[str]:
    yield from said.rewrites
    yield from (scan.relation for scan in said.scans)
    yield from (name.rpartition(" on ")[2] for name in said.built)
    yield from (one.relation for one in said.written)


def _lock(lock: Lock, statements: Sequence[Statement]) -> Lock:
    """What ran while it was held takes longer, so it is held longer."""
    ends = lock.from_ + lock.seconds
    more = sum(
        said.estimate - said.seconds
        for said in statements
        if said.estimate is not None
        and lock.from_ <= said.from_ + said.seconds
        and said.from_ <= ends
    )
    return replace(lock, estimate=round(lock.seconds + more, 6)) if more else lock
