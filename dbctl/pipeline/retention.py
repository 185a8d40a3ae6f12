"""What there is of snapshots, how long it stays, and how it goes."""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dbctl import loop
from dbctl.database import guard
from dbctl.database.consent import Consent, Demand, Loss
from dbctl.database.model import Look
from dbctl.database.server import server
from dbctl.database.url import Url
from dbctl.errors import (
    DamagedError,
    LockedError,
    MissingDatabaseError,
    NotFoundError,
    RefusedError,
    UnreachableError,
)
from dbctl.migrate import place
from dbctl.pipeline import databases
from dbctl.settings import Settings
from dbctl.snapshot import registry, store
from dbctl.snapshot.model import (
    OldDropped,
    Rest,
    Snapshot,
    SnapshotDeleted,
    Snapshots,
    SnapshotsPruned,
)

VERB = "drop what a restore replaced"

log = logging.getLogger("dbctl.snapshot")


@dataclass(frozen=True)
class Retention:
    """Which snapshots stay: the newest `keep`, and those younger than `older_than`; None is all."""

    keep: int | None = None
    older_than: timedelta | None = None

    @property
    def said(self) -> bool:
        """Whether any may go."""
        return self.keep is not None or self.older_than is not None


def wanted(keep: int | None, older_than: str | None) -> Retention:
    """Read the options. Raises UsageError."""
    from dbctl.neon import expiry

    return Retention(keep, expiry.span(older_than, "--older-than") if older_than else None)


def listed(settings: Settings) -> Snapshots:
    """Every snapshot in the project's folder, and what stands beside the settings' database."""
    home = store.folder(settings)
    found = (_snapshot(settings, name) for name in store.names(home))
    newest = sorted(found, key=lambda one: one.created, reverse=True)
    rests = _rests(settings)
    return Snapshots(
        str(home),
        tuple(newest),
        tuple(one for one in rests if one.purpose == "old"),
        tuple(one for one in (*store.drafts(home), *rests) if one.purpose != "old"),
    )


def _snapshot(settings: Settings, name: str) -> Snapshot:
    """One snapshot; of a damaged one what its folder tells."""
    home = store.folder(settings)
    try:
        return Snapshot.of(store.read(home, name))
    except (DamagedError, NotFoundError) as error:
        made = datetime.fromtimestamp((home / name).stat().st_mtime, UTC)
        size = store.size(home / name)
        fault = error.message
        return Snapshot(name, "sqlite", "", "", (), made, size, 0, 0, "", "", fault)


def _rests(settings: Settings) -> tuple[Rest, ...]:
    """What stands beside the database; a server that does not answer is a line in the log."""
    try:
        return loop.run(registry.provider(settings).rests())
    except UnreachableError as error:
        log.warning("what stands beside the database is not known: %s", error.message)
        return ()


def is_there(settings: Settings, name: str) -> bool:
    """Whether there is a snapshot or a leftover of that name."""
    return _rest(settings, name) is not None or name in store.names(store.folder(settings))


def _rest(settings: Settings, name: str) -> Rest | None:
    """The leftover or kept database of that name; the server is asked where no file has it."""
    home = store.folder(settings)
    beside = () if name in store.names(home) else _rests(settings)
    return next((one for one in (*store.drafts(home), *beside) if one.name == name), None)


def delete(settings: Settings, name: str) -> SnapshotDeleted:
    """Delete a snapshot, or what a killed command left behind; `changed` False when none is there.

    Raises LockedError for what a running command works on, RefusedError for a kept database.
    """
    home = store.folder(settings)
    if rest := _rest(settings, name):
        _removed(settings, rest)
        return SnapshotDeleted(name, True, rest.bytes)
    if name not in store.names(home):
        return SnapshotDeleted(name, False, None)
    size = store.size(home / name)
    _forgotten(settings, (_snapshot(settings, name),))
    return SnapshotDeleted(name, True, size)


def _removed(settings: Settings, found: Rest) -> None:
    if found.running:
        raise LockedError(f"a running command works on {found.name}", hint="wait for it, or end it")
    if found.purpose == "old":
        raise RefusedError(
            f"{found.name} is what a restore replaced",
            hint=f"`dbctl snapshot drop-old {found.name}` drops it",
        )
    if found.name.endswith(store.PARTIAL):
        store.remove(store.folder(settings), found.name)
    else:
        loop.run(registry.provider(settings).remove(found.name))


def _forgotten(settings: Settings, found: tuple[Snapshot, ...]) -> None:
    """Delete snapshots; what they have elsewhere first."""
    home = store.folder(settings)
    for one in found:
        if not one.fault:
            keeper = registry.provider(settings, one.provider)
            loop.run(keeper.forget(store.read(home, one.name)))
        store.remove(home, one.name)


def applied(settings: Settings, wanted: Retention) -> tuple[str, ...]:
    """Delete the snapshots of this database that nobody wants any more; their names."""
    doomed = _doomed(settings, wanted)
    _forgotten(settings, doomed)
    return tuple(one.name for one in doomed)


def prunable(settings: Settings, wanted: Retention) -> SnapshotsPruned:
    """What `prune` would delete."""
    names = tuple(one.name for one in _doomed(settings, wanted))
    left = tuple(one.name for one in listed(settings).leftovers if not one.running)
    kept = len(store.names(store.folder(settings))) - len(names)
    return SnapshotsPruned(True, names, left, kept)


def prune(settings: Settings, wanted: Retention) -> SnapshotsPruned:
    """Delete the snapshots of this database that nobody wants any more, and all leftovers."""
    found = prunable(settings, wanted)
    applied(settings, wanted)
    for one in listed(settings).leftovers:
        if one.name in found.leftovers:
            _removed(settings, one)
    return SnapshotsPruned(False, found.snapshots, found.leftovers, found.kept)


def _doomed(settings: Settings, wanted: Retention) -> tuple[Snapshot, ...]:
    """Snapshots of the settings' database that are beyond `keep` and old enough, newest first."""
    here, home = databases.described(settings), store.folder(settings)
    found = (_snapshot(settings, name) for name in store.names(home))
    ours = [one for one in found if not one.fault and one.database == here]
    ours.sort(key=lambda one: one.created, reverse=True)
    beyond = ours[wanted.keep :] if wanted.keep is not None else ours
    if wanted.older_than is None:
        return tuple(beyond) if wanted.said else ()
    limit = datetime.now(UTC) - wanted.older_than
    return tuple(one for one in beyond if one.created < limit)


def old(settings: Settings, name: str | None = None) -> tuple[Rest, ...]:
    """The databases that restores replaced, or the one of that name. Raises NotFoundError."""
    found = tuple(one for one in _rests(settings) if one.purpose == "old")
    if name is None:
        return found
    named = tuple(one for one in found if one.name == name)
    if not named:
        raise NotFoundError(f"no {name!r} was kept", hint="see `dbctl snapshot list`")
    return named


def old_demand(settings: Settings, found: tuple[Rest, ...]) -> Demand:
    """What is to be agreed to before these databases go. Raises RefusedError."""
    guard.require_named(settings, VERB)
    try:
        look: Look | None = place.look(settings)
    except MissingDatabaseError:
        look = None
    if look:
        place.require_ours(settings, look)
    return guard.demand(settings, look, VERB, _loss(settings, found), _nothing)


def _loss(settings: Settings, found: tuple[Rest, ...]) -> Loss:
    """What is in them, as far as one can look."""
    keeper, tables = registry.provider(settings), []
    for one in found:
        if url := keeper.url(one.name):
            held = loop.run(_witnessed(settings, url)).tables
            tables += [replace(table, name=f"{one.name}: {table.name}") for table in held]
    names = ", ".join(one.name for one in found)
    return Loss(f"{settings.env}: {databases.described(settings)}, kept as {names}", tuple(tables))


async def _witnessed(settings: Settings, url: Url) -> Loss:
    async with server(settings, url).open() as session:
        return await guard.witness(session, url.name)


def _nothing() -> None:
    """Nothing has to be taken of what was replaced long ago."""


def drop_old(
    settings: Settings, found: tuple[Rest, ...], demand: Demand, consent: Consent
) -> OldDropped:
    """Drop databases that restores replaced.

    Raises RefusedError unless `consent` gives what `demand` wants.
    """
    guard.settle(demand, consent)
    keeper = registry.provider(settings)
    for one in found:
        loop.run(keeper.remove(one.name))
    return OldDropped(tuple(one.name for one in found), sum(one.bytes or 0 for one in found))
