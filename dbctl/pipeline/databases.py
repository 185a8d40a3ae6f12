"""Whole databases: create, drop, list, and what a drop would lose."""

from collections.abc import Callable
from typing import Literal

from dbctl import loop
from dbctl.database import guard
from dbctl.database.condition import DatabaseChange, Databases
from dbctl.database.consent import Consent, Demand, Loss
from dbctl.database.model import Place
from dbctl.database.server import Server, server
from dbctl.errors import MissingDatabaseError
from dbctl.migrate import place
from dbctl.settings import Settings


def demand(settings: Settings, verb: str, snapshot: Callable[[], object] | None = None) -> Demand:
    """What is to be agreed to before the database goes, with every table that it holds.

    `snapshot` makes one now. Raises RefusedError on a remote server that nobody named, and for a
    database that is another environment's or project's.
    """
    guard.require_named(settings, verb)
    found = server(settings)
    try:
        look = place.look(settings)
    except MissingDatabaseError:
        nothing = Loss(f"{settings.env}: {found.url.masked}", ())
        return guard.demand(settings, None, verb, nothing, snapshot)
    place.require_ours(settings, look)
    loss = loop.run(_witnessed(found, f"{settings.env}: {look.place}"))
    return guard.demand(settings, look, verb, loss, snapshot)


async def _witnessed(found: Server, where: str) -> Loss:
    async with found.open() as session:
        return await guard.witness(session, where)


def described(settings: Settings) -> str:
    """The settings' database as a person names it, whether or not it is there."""
    url = server(settings).url
    return str(Place(url.dialect, None if url.file else url.server, str(url.file or url.name), ""))


async def create(settings: Settings) -> DatabaseChange:
    """Create the settings' database; `changed` is False when it is there already."""
    return _change(server(settings), "create", changed=await server(settings).create())


def drop(
    settings: Settings, demand: Demand, consent: Consent, *, lock: bool = True
) -> DatabaseChange:
    """Drop the settings' database; `changed` is False when it is gone already.

    Raises RefusedError unless `consent` gives what `demand` wants.
    """
    guard.settle(demand, consent)
    return _change(server(settings), "drop", changed=gone(settings, "drop", lock=lock))


def gone(settings: Settings, verb: str, *, lock: bool = True) -> bool:
    """Drop the settings' database when no migration runs there; False when it is gone already.

    Raises LockedError when one runs for longer than `settings.lock_wait`.
    """
    from dbctl.database.watch import watched

    key = place.lock_key(settings) if lock else ""
    try:
        with watched(settings, verb, key):
            return loop.run(server(settings).drop())
    except MissingDatabaseError:
        return False


async def listed(settings: Settings) -> Databases:
    """The databases of the server."""
    found = server(settings)
    host = None if found.url.dialect == "sqlite" else found.url.server
    return Databases(host, await found.databases())


def _change(found: Server, action: Literal["create", "drop"], *, changed: bool) -> DatabaseChange:
    host = None if found.url.dialect == "sqlite" else found.url.server
    return DatabaseChange(str(found.url.file or found.url.name), host, action, changed)
