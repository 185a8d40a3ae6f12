"""Seed files into a migrated database, and what the ledger says of them."""

import logging

from dbctl import loop
from dbctl.database import guard
from dbctl.database.consent import Consent, Demand
from dbctl.database.engine import Database
from dbctl.database.server import address, server
from dbctl.errors import ConfigurationError
from dbctl.migrate import apply, graph, place
from dbctl.pipeline import models, precaution, tables
from dbctl.seed import files, ledger, load
from dbctl.seed.files import File
from dbctl.seed.ledger import Entry
from dbctl.seed.model import Seeded, SeedFile, SeedStatus
from dbctl.settings import Settings

log = logging.getLogger("dbctl.seed")


def run(
    settings: Settings,
    *,
    only: tuple[str, ...] = (),
    dry_run: bool = False,
    replace: bool = False,
    leaves_known: bool = False,
) -> Seeded:
    """Load the project's seed files. Raises SeedRefusedError; then nothing was written.

    `leaves_known`: rows of a file that is as it was stay as somebody changed them.
    """
    look = place.look(settings)
    place.require_ours(settings, look)
    status = apply.status_of(settings, graph.read(settings.project), look)
    if not status.up_to_date:
        raise ConfigurationError(
            f"pending revisions: {len(status.pending)}; the tables may not fit the files",
            hint="run `dbctl upgrade` first",
        )
    folder = settings.project.root / settings.seeds
    found = folder.is_dir()
    metadata = models.metadata(settings) if found else None

    async def seeded() -> Seeded:
        keeps = found and not dry_run and await _keeps_ledger(settings)
        async with Database(settings, metadata=metadata) as database:
            return await load.run(
                database,
                folder,
                env=settings.env,
                only=only,
                dry_run=dry_run,
                replace=replace,
                keeps_ledger=keeps,
                leaves_known=leaves_known,
            )

    return loop.run(seeded())


async def _keeps_ledger(settings: Settings) -> bool:
    """Whether there is a ledger, made now if need be; where this role may not, it is said."""
    async with server(settings).open() as session:
        if await session.peek(ledger.query(address(settings).dialect)) is not None:
            return True
        made = await session.provide(ledger.TABLE)
    if not made:
        log.info("this role may not keep a ledger: nothing will say which files were loaded")
    return made


def demand(settings: Settings, only: tuple[str, ...] = ()) -> Demand:
    """What is to be agreed to before the tables of the seed files are emptied.

    Raises RefusedError where that is not allowed at all.
    """
    guard.require_named(settings, "empty tables")
    metadata = models.metadata(settings)
    folder = settings.project.root / settings.seeds
    chosen = load.tables_of(Database(settings, metadata=metadata), folder, settings.env, only)
    names = [table.name for table in chosen]
    return tables.demand(settings, names, precaution.before(settings))


def replace(
    settings: Settings, demand: Demand, consent: Consent, *, only: tuple[str, ...] = ()
) -> Seeded:
    """Empty the tables and load the files, in one transaction.

    Raises RefusedError unless `consent` gives what `demand` wants.
    """
    guard.settle(demand, consent)
    return run(settings, only=only, replace=True)


def status(settings: Settings) -> SeedStatus:
    """Which seed files were loaded, and which changed since."""
    folder = settings.project.root / settings.seeds
    place.require_ours(settings, place.look(settings))
    metadata = models.metadata(settings) if folder.is_dir() else None
    found = files.found(folder, settings.env, metadata)
    known = loop.run(_entries(settings))
    said = tuple(_said(file, (known or {}).get(file.name)) for file in found)
    return SeedStatus(settings.env, str(settings.seeds), said, ledger=known is not None)


async def _entries(settings: Settings) -> dict[str, Entry] | None:
    """What the ledger says, by file; None where there is none."""
    async with server(settings).open() as session:
        rows = await session.peek(ledger.query(address(settings).dialect))
    return None if rows is None else ledger.entries(rows)


def _said(file: File, entry: Entry | None) -> SeedFile:
    table = "" if file.is_script else file.table
    if entry is None:
        return SeedFile(file.name, table, "new", None, None)
    same = entry.hash == file.digest()
    return SeedFile(file.name, table, "loaded" if same else "changed", entry.loaded, entry.rows)
