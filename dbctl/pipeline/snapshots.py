"""Snapshots of the settings' database: take, check, put back.

The snapshot room keeps and restores; here is what the version table and the guards add to it.
"""

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime

from dbctl import loop
from dbctl.database import guard
from dbctl.database.consent import Consent, Demand
from dbctl.database.model import BRANCH, Look
from dbctl.errors import (
    DamagedError,
    MissingDatabaseError,
    RefusedError,
)
from dbctl.migrate import place
from dbctl.pipeline import databases, precaution, retention
from dbctl.pipeline.retention import Retention
from dbctl.settings import Settings
from dbctl.snapshot import registry, store
from dbctl.snapshot.model import (
    Discrepancy,
    Manifest,
    Origin,
    Snapshot,
    SnapshotCreated,
    SnapshotRestored,
    SnapshotVerified,
)
from dbctl.snapshot.provider import Built, Provider, Seen, Table, differing
from dbctl.snapshot.store import Draft

log = logging.getLogger("dbctl.snapshot")


def create(
    settings: Settings,
    name: str | None = None,
    *,
    jobs: int = 0,
    wanted: Retention | None = None,
) -> SnapshotCreated:
    """Keep the database as it is now; `wanted` then throws away older ones of it.

    Raises TakenError, UnreachableError, ProviderError; then nothing is left in the folder.
    """
    started = time.monotonic()
    name, home = store.named(name, settings), store.folder(settings)
    table = place.version_table(settings)
    keeper = registry.provider(settings)
    with store.draft(home, name) as draft:
        seen = loop.run(keeper.save(draft, table, jobs))
        manifest = _manifest(settings, keeper, draft, name, seen)
        folder = store.publish(draft, manifest)
    loop.run(keeper.published(manifest))
    gone = retention.applied(settings, wanted) if wanted else ()
    seconds = round(time.monotonic() - started, 3)
    return SnapshotCreated(Snapshot.of(manifest), str(folder), seconds, gone)


def _manifest(
    settings: Settings, keeper: Provider, draft: Draft, name: str, seen: Seen
) -> Manifest:
    mark = seen.look.mark
    origin = Origin(
        mark.environment if mark else settings.env,
        databases.described(settings),
        mark.uuid if mark else "",
        seen.look.at,
    )
    files = store.measured(draft.path)
    return Manifest(name, keeper.name, datetime.now(UTC), origin, seen.content, files)


def verify(settings: Settings, name: str, *, jobs: int = 0) -> SnapshotVerified:
    """Compare a snapshot's files with its manifest, then a database restored from it.

    Raises ProviderError when none can be made here; that says nothing of the snapshot.
    """
    started, home = time.monotonic(), store.folder(settings)
    try:
        found = store.read(home, name)
    except DamagedError as error:
        wrong = Discrepancy("manifest", store.MANIFEST, "can be read", error.message)
        return SnapshotVerified(name, False, (wrong,), 0, 0, 0, 0.0)
    differences = store.damage(home, found)
    if not differences:
        differences = _compared(settings, found, place.version_table(settings), jobs)
    seconds = round(time.monotonic() - started, 3)
    files, tables = len(found.files), len(found.content.tables)
    ok = not differences
    return SnapshotVerified(name, ok, differences, files, tables, found.rows, seconds)


def _compared(
    settings: Settings, found: Manifest, table: Table, jobs: int
) -> tuple[Discrepancy, ...]:
    keeper, home = registry.provider(settings, found.provider), store.folder(settings)

    name = loop.run(keeper.beside("check"))
    try:
        built = loop.run(keeper.build(home, found, name, table, jobs))
        return differing(found.content, built.content)
    except DamagedError as error:
        return (Discrepancy("database", found.name, "can be restored", error.message),)
    finally:
        loop.run(keeper.remove(name))


def demand(settings: Settings, name: str, *, drop_old: bool = False) -> Demand:
    """What is to be agreed to before a snapshot takes the database's place.

    Raises NotFoundError, DamagedError, and RefusedError for a snapshot of another environment, or
    for a database that is another's.
    """
    guard.require_named(settings, "restore a snapshot")
    found = store.read(store.folder(settings), name)
    _require_kin(settings, found)
    if drop_old:
        return databases.demand(settings, "replace the database", precaution.before(settings))
    # What is replaced is kept, which is more than a snapshot of it.
    made = databases.demand(settings, "replace the database", _kept)
    return replace(made, loss=replace(made.loss, fate="would be replaced, and kept"))


def _require_kin(settings: Settings, found: Manifest) -> None:
    """Raises RefusedError where its mark would make another thing of the database.

    A copy that `dbctl branch` made says so inside, and is protected from nothing.
    """
    look = _look(settings)
    mark = look.mark if look else None
    here = mark.environment if mark and mark.is_branch else settings.env
    of = found.origin.environment
    if of != here:
        hint = "" if BRANCH in (of, here) else f"say --env {of} if you mean it"
        raise RefusedError(
            f"{found.name} is a snapshot of {of}, and this is {here}",
            hint=hint or "restore it where it was taken",
        )


def _kept() -> None:
    """Nothing has to be taken of what stays."""


def restore(
    settings: Settings,
    name: str,
    demand: Demand,
    consent: Consent,
    *,
    drop_old: bool = False,
    end_sessions: bool = False,
    jobs: int = 0,
) -> SnapshotRestored:
    """Let a snapshot take the database's place, which is kept under another name.

    It is restored beside it and compared first; until the swap the database is not touched.
    Raises RefusedError unless `consent` gives what `demand` wants, or where it is in use;
    DamagedError, LockedError, ProviderError.
    """
    started, home = time.monotonic(), store.folder(settings)
    found = store.read(home, name)
    keeper = registry.provider(settings, found.provider)
    loop.run(keeper.require_free(end_sessions=end_sessions))
    guard.settle(demand, consent)
    _require_undamaged(found.name, store.damage(home, found))
    there = _look(settings)
    built, old = _swapped(settings, keeper, found, jobs, end_sessions=end_sessions)
    if old and drop_old:
        loop.run(keeper.remove(old))
    return SnapshotRestored(
        name=name,
        database=databases.described(settings),
        from_=there.at if there else (),
        to=built.look.at,
        tables=len(built.content.tables),
        rows=found.rows,
        old=None if drop_old else old,
        seconds=round(time.monotonic() - started, 3),
    )


def _look(settings: Settings) -> Look | None:
    try:
        return place.look(settings)
    except MissingDatabaseError:
        return None


def _require_undamaged(name: str, differences: tuple[Discrepancy, ...]) -> None:
    if differences:
        first = differences[0]
        raise DamagedError(
            f"{name} is damaged: {first.object} {first.found}; nothing was changed",
            hint=f"`dbctl snapshot verify {name}` tells all of it",
        )


def _swapped(
    settings: Settings, keeper: Provider, found: Manifest, jobs: int, *, end_sessions: bool
) -> tuple[Built, str | None]:
    """Restore it beside the database, and swap it in if it is what was kept.

    Else nothing is left of it, whenever Ctrl-C comes: its name is known before it is made.
    """
    home, table = store.folder(settings), place.version_table(settings)
    name = loop.run(keeper.beside("new"))
    try:
        built = loop.run(keeper.build(home, found, name, table, jobs))
        _require_undamaged(found.name, differing(found.content, built.content))
        _require_no_migration(settings)
        return built, loop.run(keeper.swap(built, end_sessions=end_sessions))
    except BaseException:
        loop.run(keeper.remove(name))
        raise


def _require_no_migration(settings: Settings) -> None:
    """Raises LockedError when one runs for longer than `settings.lock_wait`."""
    from dbctl.database.watch import watched

    # Its session would be in the way of the swap, which comes next and sees all sessions.
    try:
        with watched(settings, "restore", place.lock_key(settings)):
            pass
    except MissingDatabaseError:
        return
