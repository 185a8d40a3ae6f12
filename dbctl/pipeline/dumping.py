"""Tables of the project's database written as seed files."""

from collections.abc import Sequence
from pathlib import Path

from dbctl import loop
from dbctl.database.engine import Database
from dbctl.migrate import place
from dbctl.pipeline import models
from dbctl.seed import dump
from dbctl.seed.model import Dumped, Format
from dbctl.settings import Settings


def run(
    settings: Settings,
    names: Sequence[str],
    folder: Path,
    *,
    form: Format,
    force: bool = False,
    secrets: bool = False,
) -> Dumped:
    """Write tables to `folder`. Raises RefusedError for files that are there unless `force`."""
    place.require_ours(settings, place.look(settings))
    metadata = models.metadata(settings)

    async def dumped() -> Dumped:
        async with Database(settings, metadata=metadata) as database:
            return await dump.run(database, names, folder, form=form, force=force, secrets=secrets)

    return loop.run(dumped())
