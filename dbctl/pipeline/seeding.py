"""Seed files into a migrated database, and what became of them."""

from dbctl import loop
from dbctl.database.engine import Database
from dbctl.database.model import Consent, Demand
from dbctl.errors import ConfigurationError
from dbctl.migrate import apply, graph, place
from dbctl.pipeline import models, tables
from dbctl.seed import load
from dbctl.seed.model import Seeded, SeedStatus
from dbctl.settings import Settings


def run(
    settings: Settings,
    *,
    only: tuple[str, ...] = (),
    dry_run: bool = False,
    replace: bool = False,
) -> Seeded:
    """Load the project's seed files. Raises SeedRefusedError; then nothing was written."""
    look = place.look(settings)
    place.require_ours(settings, look)
    status = apply.status_of(settings, graph.read(settings.project), look)
    if not status.up_to_date:
        raise ConfigurationError(
            f"pending revisions: {len(status.pending)}; the tables may not fit the files",
            hint="run `dbctl upgrade` first",
        )
    folder = settings.project.root / settings.seeds
    metadata = models.metadata(settings) if folder.is_dir() else None

    async def seeded() -> Seeded:
        async with Database(settings, metadata=metadata) as database:
            return await load.run(database, folder)

    return loop.run(seeded())


def demand(settings: Settings, only: tuple[str, ...] = ()) -> Demand:
    """What is to be agreed to before the tables of the seed files are emptied."""
    return tables.demand(settings, ())


def replace(
    settings: Settings, demand: Demand, consent: Consent, *, only: tuple[str, ...] = ()
) -> Seeded:
    """Empty the tables and load the files, in one transaction."""
    return run(settings, only=only, replace=True)


def status(settings: Settings) -> SeedStatus:
    """Which seed files were loaded."""
    return SeedStatus(settings.env, settings.seeds, (), ledger=False)
