"""Find the revision whose schema a database has that nobody wrote a version into.

The revisions are replayed on an empty database that is dropped again, and the schema there is
compared with the real one after each of them.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dbctl.database import fingerprint, mark
from dbctl.database.engine import reason
from dbctl.database.fingerprint import Fact
from dbctl.database.server import address
from dbctl.errors import (
    AnswerIsNo,
    ConfigurationError,
    DbctlError,
    LockedError,
    MigrationFailedError,
    NothingToDoError,
    RefusedError,
)
from dbctl.migrate import apply, environment, ledger, place, read
from dbctl.migrate.apply import Standing
from dbctl.migrate.graph import Graph
from dbctl.migrate.model import Adopted, Difference
from dbctl.migrate.scratch import quietly, scratch
from dbctl.settings import Settings

ORDERS = 6  # how many heads are each tried as the first branch to be applied

log = logging.getLogger("dbctl.migrate")
progress = logging.getLogger("dbctl.progress")


@dataclass(frozen=True)
class State:
    """The rows of a version table and the schema that belongs to them."""

    rows: tuple[str, ...]
    facts: frozenset[Fact]


@dataclass(frozen=True)
class Match:
    """What was found: the state that is nearest, and in what it differs."""

    standing: Standing
    rows: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def is_new(self) -> bool:
        """Whether there is something to stamp."""
        return not self.differences and self.standing.look.at != self.rows


def find(settings: Settings, wanted: str = "", *, use_scratch: bool | None = None) -> Match:
    """The revision whose schema the database has, or the nearest one; nothing is changed there.

    `wanted` is compared alone, which also decides between revisions with one schema.
    `use_scratch` None makes the empty database only on this machine, True anywhere.
    Raises RefusedError when the version table has rows that say something else, AnswerIsNo when
    several revisions have this schema.
    """
    standing = apply.glance(settings)
    _require_askable(settings, standing, use_scratch=use_scratch)
    found = _facts(settings, standing)
    states = list(_replayed(settings, standing, found))
    if wanted:
        rows = standing.graph.tips(read.named(settings, standing.graph, wanted))
        states = [one for one in states if one.rows == rows]
    equal = [one.rows for one in states if one.facts == found]
    if equal:
        return Match(standing, _only(equal, standing), ())
    if not states:
        raise AnswerIsNo(f"{wanted} was not reached on an empty database", hint="dbctl adopt")
    nearest = min(states, key=lambda one: len(one.facts ^ found))
    return Match(standing, nearest.rows, tuple(_differences(nearest.facts, found)))


def stamp(settings: Settings, match: Match) -> Adopted:
    """Write the revisions that were found into the version table, unless they differ.

    Raises LockedError when somebody else has changed the table in the meantime.
    """
    before = match.standing.look
    if not match.is_new:
        return _result(settings, match, before.at, adopted=False)
    from dbctl.migrate.run import Run

    with apply.locked(settings, "adopt", match.standing) as (standing, watch):
        if standing.look.at != before.at:
            raise LockedError("the version table was written to just now", hint="dbctl status")
        writer = ledger.writer(settings, *standing)
        run = Run(settings, "adopt", standing.look, watch, standing.table, writer)
        run.stamp(match.rows, purge=False)
        after = run.ended()
    mark.ensure(settings, after)
    return _result(settings, match, after.at, adopted=True)


def _result(settings: Settings, match: Match, to: tuple[str, ...], *, adopted: bool) -> Adopted:
    before = match.standing.look
    return Adopted(
        settings.env, before.place, before.at, to, adopted, match.rows, match.differences
    )


def _require_askable(settings: Settings, standing: Standing, *, use_scratch: bool | None) -> None:
    graph, look, _ = standing
    graph.sound(look.at)
    if not look.tables:
        raise NothingToDoError("the database has no tables", hint="`dbctl upgrade` makes them")
    if not graph.revisions:
        raise ConfigurationError(
            "the project has no revisions to compare with",
            hint='write a first one on an empty database: dbctl migrate -m "first tables"',
        )
    url = address(settings)
    if not (url.is_local if use_scratch is None else use_scratch):
        raise RefusedError(
            f"adopt makes an empty database on {url.server}, and drops it again",
            hint="--scratch allows it there",
        )


def _facts(settings: Settings, standing: Standing) -> frozenset[Fact]:
    """The schema as env.py's own connection sees it, with its search path and its role."""
    found: list[frozenset[Fact]] = []

    def steps(_at: object, context: Any) -> Iterable[Any]:  # noqa: ANN401 - Alembic's context
        found.append(fingerprint.facts(context.connection, ledger.name(standing.table)))
        return ()

    with environment.broken_project(settings.project):
        environment.online(settings, steps, standing.look.identity, dont_mutate=True)
    return found[-1]


def _replayed(settings: Settings, standing: Standing, wanted: frozenset[Fact]) -> Iterator[State]:
    """The states along the history; along another order of its branches when none is equal."""
    graph = standing.graph
    progress.info("replaying %s revisions on an empty database", len(graph.revisions))
    for order in _orders(graph):
        states = _replay(settings, standing, order)
        yield from states
        if any(one.facts == wanted for one in states):
            return


def _orders(graph: Graph) -> Iterator[tuple[str, ...]]:
    """Ways through the history, each with one of the heads first."""
    every = tuple(one.revision for one in graph.ordered)
    for head in graph.heads[:ORDERS]:
        first = graph.ancestors([head])
        yield (*(one for one in every if one in first), *(one for one in every if one not in first))


def _replay(settings: Settings, standing: Standing, order: Sequence[str]) -> list[State]:
    """Every state along one order, as far as it runs on a database without rows."""
    states: list[State] = []
    name = ledger.name(standing.table)

    def steps(at: Any, context: Any) -> Iterator[Any]:  # noqa: ANN401 - Alembic's signature
        made = {one.revision.revision: one for one in context.script._upgrade_revs("heads", at)}
        for number, revision in enumerate(order, 1):
            failing.append(revision)
            yield made[revision]
            rows = standing.graph.tips(order[:number])
            states.append(State(rows, fingerprint.facts(context.connection, name)))
        failing.clear()

    failing: list[str] = []
    with quietly(), scratch(settings) as empty, environment.broken_project(settings.project):
        look = place.look(empty, standing.table)
        try:
            environment.online(empty, steps, look.identity)
        except DbctlError:
            raise
        except Exception as error:
            if not failing:
                raise
            failed = _failed(failing[-1], error)
            if not states:
                raise failed from error
            log.warning("%s; what comes after it is not compared", failed.message)
    return states


def _failed(revision: str, error: Exception) -> MigrationFailedError:
    return MigrationFailedError(
        f"revision {revision} fails on an empty database: {reason(error)}",
        hint="`dbctl stamp REVISION` writes a version without comparing",
    )


def _only(equal: Sequence[tuple[str, ...]], standing: Standing) -> tuple[str, ...]:
    """The one state that is equal, or the one of several that the version table names."""
    rows = tuple(dict.fromkeys(equal))
    at = standing.look.at
    if at:
        if at in rows:
            return at
        raise RefusedError(
            f"the version table says {', '.join(at)}, and the schema is that of"
            f" {' or '.join(map(_text, rows))}",
            hint=f"if the schema is right: dbctl stamp --purge {' '.join(rows[0])}",
        )
    if len(rows) > 1:
        raise AnswerIsNo(
            f"{' and '.join(map(_text, rows))} have this schema: they differ in rows alone",
            hint=f"say which of them the rows have: dbctl adopt {rows[-1][0]}",
        )
    return rows[0]


def _text(rows: Sequence[str]) -> str:
    return ", ".join(rows)


def _differences(wanted: frozenset[Fact], found: frozenset[Fact]) -> Iterator[Difference]:
    """What the revision makes and the database has not, has else, or has besides."""
    there = {(one.kind, one.object): one.detail for one in found}
    made = {(one.kind, one.object): one.detail for one in wanted}
    # A table that is missing altogether is one difference, not one for each of its columns.
    whole = tuple(f"{one}{then}" for one in _tables(wanted ^ found) for then in ". ")
    for kind, name in sorted({*there, *made}):
        left, right = there.get((kind, name)), made.get((kind, name))
        if left == right or (kind != "table" and name.startswith(whole)):
            continue
        if left is None:
            yield Difference(f"missing {kind}", name, right or "")
        elif right is None:
            yield Difference(f"extra {kind}", name, left)
        else:
            yield Difference(f"other {kind}", name, f"{left} -> {right}")


def _tables(facts: Iterable[Fact]) -> frozenset[str]:
    return frozenset(one.object for one in facts if one.kind == "table")
