"""Generated rows into a migrated database that nobody needs to keep clean."""

from collections.abc import Sequence

from dbctl import loop
from dbctl.database import guard
from dbctl.database.engine import Database
from dbctl.errors import ConfigurationError, RefusedError
from dbctl.migrate import apply, graph, place
from dbctl.pipeline import models
from dbctl.seed import generate
from dbctl.seed.model import Generated
from dbctl.settings import Settings

VERB = "write generated rows"


def run(
    settings: Settings, amounts: Sequence[str], *, seed: int, fake: bool, deleted: float
) -> Generated:
    """Generate rows of the project's tables.

    Raises RefusedError where real data may be, SeedRefusedError when the rows cannot be made or
    are refused; then nothing was written.
    """
    require_fit(settings)
    metadata = models.metadata(settings)

    async def generated() -> Generated:
        async with Database(settings, metadata=metadata) as database:
            return await generate.run(database, amounts, seed=seed, fake=fake, deleted=deleted)

    return loop.run(generated())


def require_fit(settings: Settings) -> None:
    """Raises RefusedError for a protected database, ConfigurationError for pending revisions."""
    guard.require_destructible(settings, VERB)
    look = place.look(settings)
    place.require_ours(settings, look)
    if why := guard.protection(settings, look):
        raise RefusedError(
            f"{why}: dbctl does not {VERB} there", hint="choose another environment with --env"
        )
    status = apply.status_of(settings, graph.read(settings.project), look)
    if not status.up_to_date:
        raise ConfigurationError(
            f"pending revisions: {len(status.pending)}; the tables may not fit the models",
            hint="run `dbctl upgrade` first",
        )
