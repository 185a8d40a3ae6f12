"""What was applied to a database, by whom and when: a row for each revision, in its transaction.

The last row of a revision says whether it is applied, and the hash of its file then. What stands
below a revision that the ledger saw, and was never seen itself, was slipped in: nothing ran it.
What others applied is taken down (`adopt`) before dbctl goes on from there, so that a project may
use plain Alembic too; where there is no ledger nothing is claimed.
"""

import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import dbctl
from dbctl.database import own, server
from dbctl.database.model import Entry, Look
from dbctl.database.server import Ask, Session, address
from dbctl.errors import LockedError, PartlyAppliedError, RevisionGraphError, TimedOutError
from dbctl.migrate import checksum, place
from dbctl.migrate.graph import Graph
from dbctl.migrate.model import Revision
from dbctl.settings import Settings

if TYPE_CHECKING:
    from dbctl.migrate.writer import Writer

UNDONE = "downgrade"  # after any other direction a revision is applied
TOGETHER = 200  # rows of one statement: old SQLites take 999 parameters

T = TypeVar("T")
log = logging.getLogger("dbctl.migrate")


def name(table: tuple[str, str | None]) -> str:
    """The name of a version table, by which its rows here are known."""
    return ".".join(part for part in reversed(table) if part)


def look(
    settings: Settings, table: tuple[str, str | None] | None = None, ask: Ask | None = None
) -> Look:
    """`place.look`, and what the ledger says, over the same connection."""
    known = table or place.version_table(settings)

    async def looked(session: Session) -> Look:
        found = await session.look(*known)
        if not settings.ledger:
            return found
        entries = await _entries(session, found, name(known))
        return replace(found, ledger=entries, begun=await _begun(session, found, name(known)))

    return (ask or server.asker(settings))(looked)


async def _entries(session: Session, found: Look, history: str) -> tuple[Entry, ...] | None:
    ledger = own.relation(found.place.dialect, "ledger")
    rows = await session.peek(
        f"SELECT revision, direction, checksum FROM {ledger} WHERE id IN"  # noqa: S608 - a constant
        f" (SELECT max(id) FROM {ledger} WHERE history = $1 GROUP BY revision)",
        history,
    )
    return None if rows is None else tuple(Entry(*row) for row in rows)


async def _begun(session: Session, found: Look, history: str) -> tuple[tuple[str, str], ...]:
    """The marks of `migrate.autocommit`, which stay when it was interrupted."""
    table = own.relation(found.place.dialect, "step")
    query = f"SELECT revision, started FROM {table} WHERE history = $1 ORDER BY started"  # noqa: S608 - a constant
    rows = await session.peek(query, history) or ()
    return tuple((str(revision), str(started)) for revision, started in rows)


def slipped(graph: Graph, look: Look) -> tuple[Revision, ...]:
    """Revisions below the database's that nothing ever ran there; each after what it needs."""
    seen = _seen(look)
    covered = graph.ancestors(seen & _below(graph, look))
    return tuple(one for one in graph.ordered if one.revision in covered - seen)


def edited(graph: Graph, look: Look) -> tuple[Revision, ...]:
    """Applied revisions whose file does something else now than when it was applied.

    Raises RevisionGraphError for a file that is not valid Python.
    """
    below = _below(graph, look)
    was = {one.revision: one.checksum for one in look.ledger or () if one.direction != UNDONE}
    found = (one for one in graph.ordered if one.revision in below and was.get(one.revision))
    return tuple(one for one in found if checksum.of_file(one.file) != was[one.revision])


def require_finished(look: Look) -> None:
    """Raises PartlyAppliedError when a revision was begun here and never finished."""
    for revision, started in look.begun:
        raise PartlyAppliedError(
            f"revision {revision} was begun at {started[:19]} and interrupted outside of a"
            " transaction: a part of it stands",
            hint="`dbctl repair` says how to finish or undo it",
        )


def require_whole(graph: Graph, look: Look) -> None:
    """Raises RevisionGraphError when a revision was slipped in below the database's."""
    if found := slipped(graph, look):
        more = f" (and {len(found) - 1} more)" if found[1:] else ""
        raise RevisionGraphError(
            f"{found[0].file.name}: revision {found[0].revision}{more} was slipped in below"
            f" {', '.join(look.at)}, which is applied; nothing ever ran it here",
            hint="`dbctl repair` applies it, or marks it as applied",
        )


def warn(graph: Graph, look: Look) -> None:
    """One line in the log for each revision that was slipped in."""
    for one in slipped(graph, look):
        log.warning(
            "%s (%s) lies below what is applied and never ran here: see `dbctl repair`",
            one.revision,
            one.file.name,
        )


def _seen(look: Look) -> frozenset[str]:
    return frozenset(one.revision for one in look.ledger or () if one.direction != UNDONE)


def _below(graph: Graph, look: Look) -> frozenset[str]:
    """Every revision that the version table says is applied."""
    return graph.ancestors(row for row in look.at if row in graph.revisions)


def writer(
    settings: Settings,
    graph: Graph,
    look: Look,
    table: tuple[str, str | None],
    ask: Ask | None = None,
) -> "Writer":
    """Make the ledger if missing, take down what others applied, and be ready to write.

    `look` is this module's, under the lock. Off where the settings or the role say so.
    """
    from dbctl.migrate.writer import Writer

    columns = {"history": name(table), **_who(settings)}
    if not settings.ledger:
        return Writer(graph, columns, set(), on=False)
    found = look
    if look.ledger is None:
        found = _patiently(settings, lambda session: _provided(session, look, columns), ask)
    if found.ledger is None:
        log.info("no ledger is kept: this role may not make dbctl's tables")
        return Writer(graph, columns, set(), on=False)
    others = _others(graph, found)
    if others:
        rows = list(hashed(others))
        _patiently(settings, lambda session: _taken_down(session, columns, "adopt", rows), ask)
    return Writer(graph, columns, {*_seen(found), *(one.revision for one in others)})


def _patiently(
    settings: Settings, work: Callable[[Session], Awaitable[T]], ask: Ask | None = None
) -> T:
    """Do `work`; on SQLite again while somebody else writes. Raises LockedError in the end."""
    ends = time.monotonic() + settings.lock_wait
    while True:
        try:
            return (ask or server.asker(settings))(work)
        except TimedOutError as error:
            if address(settings).file is None:
                raise
            if time.monotonic() >= ends:
                raise LockedError(error.message, hint=error.hint) from error


async def _provided(session: Session, look: Look, columns: dict[str, Any]) -> Look:
    """`look` with the ledger's entries, which is made if it can be."""
    if not await session.provide("ledger"):
        return look
    return replace(look, ledger=await _entries(session, look, columns["history"]))


def _others(graph: Graph, look: Look) -> tuple[Revision, ...]:
    """What was applied beside the ledger: all that lies above whatever the ledger knows."""
    below = _below(graph, look)
    outside = below - graph.ancestors(_seen(look) & below)
    return tuple(one for one in graph.ordered if one.revision in outside)


def take_down(
    settings: Settings, table: tuple[str, str | None], revision: Revision, direction: str
) -> None:
    """Write a row for `revision` as its file is now; nothing is run."""
    columns, rows = {"history": name(table), **_who(settings)}, list(hashed([revision]))
    _patiently(settings, lambda session: _taken_down(session, columns, direction, rows))


async def _taken_down(
    session: Session, columns: dict[str, Any], direction: str, rows: list[tuple[str, str]]
) -> None:
    """Write rows over dbctl's own connection: they are true whatever becomes of the run."""
    ledger = own.relation((await session.place()).dialect, "ledger")
    shared = (*columns.values(), direction, instant(0.0))
    first = len(shared) + 1
    constant = ", ".join(f"${at}" for at in range(1, first))
    for start in range(0, len(rows), TOGETHER):
        some = rows[start : start + TOGETHER]
        values = ", ".join(
            f"({constant}, 0, ${first + 2 * at}, ${first + 2 * at + 1})" for at in range(len(some))
        )
        await session.fetch(
            f"INSERT INTO {ledger} ({', '.join(columns)}, direction, started, seconds,"  # noqa: S608 - constants
            f" revision, checksum) VALUES {values}",
            *shared,
            *(value for row in some for value in row),
        )


def hashed(revisions: Iterable[Revision]) -> Iterator[tuple[str, str]]:
    """Ids and hashes; a file that is broken has none, and whoever runs it hears of it there."""
    for one in revisions:
        try:
            yield one.revision, checksum.of_file(one.file)
        except RevisionGraphError:
            yield one.revision, ""


def instant(seconds_ago: float) -> str:
    """The time it was then: ISO 8601 in UTC, to the millisecond."""
    from datetime import UTC, datetime, timedelta

    then = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _who(settings: Settings) -> dict[str, str]:
    import platform

    user, login = _user(), address(settings).user or ""
    return {
        "who": f"{user} as {login}" if login and login != user else user,
        "host": platform.node(),
        "tool": f"dbctl {dbctl.__version__}",
    }


def _user() -> str:
    """The user of the operating system; a container's may have a number and no name."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else ""
