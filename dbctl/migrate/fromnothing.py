"""A new database made from the models instead of from the history, and stamped with its heads.

For projects whose history begins in the middle: their first revisions change tables that only
`create_all` ever made.
"""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import DBAPIError

from dbctl.database import mark
from dbctl.database.engine import reason
from dbctl.errors import MigrationFailedError, NothingToDoError, RefusedError
from dbctl.migrate import apply, drift, ledger
from dbctl.migrate.apply import Standing
from dbctl.migrate.model import Upgraded
from dbctl.migrate.run import Run
from dbctl.settings import Settings

progress = logging.getLogger("dbctl.progress")


def create(settings: Settings, *, lock: bool = True) -> Upgraded:
    """Make the models' tables and write the heads, in one transaction; safe to repeat.

    A database that has tables and a version is upgraded. Raises RefusedError for one that has
    tables and no version, NothingToDoError when there is no revision that could be written.
    """
    standing = apply.start(settings)
    if standing.look.tables and standing.look.at:
        return apply.upgrade(settings, "heads", lock=lock)
    if not standing.graph.heads:
        raise NothingToDoError(
            "there is no revision yet, so no version to write", hint='dbctl migrate -m "first"'
        )
    with apply.locked(settings, "upgrade", standing, lock=lock) as (standing, watch):
        _require_empty(standing)
        run = Run(
            settings, "stamp", standing.look, watch, standing.table,
            ledger.writer(settings, *standing),
        )  # fmt: skip
        run.stamp(standing.graph.heads, purge=True, last=_tables(standing))
        after = run.ended()
        mark.ensure(settings, after)
    look = standing.look
    return Upgraded(settings.env, look.place, look.at, after.at, (), False)


def _require_empty(standing: Standing) -> None:
    look = standing.look
    if look.tables:
        raise RefusedError(
            f"{look.place} has {look.tables} tables: --from-models is for an empty database",
            hint="dbctl adopt finds the revision whose schema this is",
        )


def _tables(standing: Standing) -> Callable[[Any], None]:
    """What makes the tables of env.py's models, on its own connection."""

    def made(context: Any) -> None:  # noqa: ANN401 - Alembic's MigrationContext
        metadata = context.opts["target_metadata"]
        drift.require_models(metadata, standing.look)
        every = [metadata] if isinstance(metadata, MetaData) else list(metadata)
        for one in every:
            _create_all(one, context.connection)
        count = sum(len(one.tables) for one in every)
        progress.info("made from the models: %d table%s", count, "" if count == 1 else "s")

    return made


def _create_all(metadata: MetaData, connection: Connection) -> None:
    try:
        metadata.create_all(connection)
    except DBAPIError as error:
        raise MigrationFailedError(
            f"the models' tables cannot be made: {reason(error)}", hint="see the models"
        ) from error
