"""A snapshot before something goes: handed to commands that know nothing of snapshots."""

import logging
from collections.abc import Callable

from dbctl.database import guard
from dbctl.database.model import Look
from dbctl.errors import MissingDatabaseError
from dbctl.settings import Settings

log = logging.getLogger("dbctl.snapshot")


def before(settings: Settings) -> Callable[[], object]:
    """What takes a snapshot before something is destroyed; nothing where there is no database."""

    def taken() -> None:
        from dbctl.pipeline import snapshots  # most commands take none

        try:
            made = snapshots.create(settings)
        except MissingDatabaseError:
            return
        log.info("snapshot %s: `dbctl snapshot restore` brings it back", made.snapshot.name)

    return taken


def before_upgrade(
    settings: Settings, wanted: bool | None = None
) -> Callable[[Look], object] | None:
    """What takes a snapshot before revisions run; None where nobody wants any.

    `wanted` None takes one of a protected database that holds anything.
    """
    if wanted is False:
        return None

    def taken(look: Look) -> None:
        if wanted or (guard.protection(settings, look) and (look.tables or look.at)):
            before(settings)()

    return taken
