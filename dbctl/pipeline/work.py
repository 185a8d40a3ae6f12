"""Work on rows in one transaction: the door through which commands on a project's data go.

The sample's commands use it, and those that a project brings itself (`[tool.dbctl.commands]`).
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from dbctl import loop
from dbctl.database import guard
from dbctl.database.consent import Loss
from dbctl.database.shape import TableSize
from dbctl.migrate import place
from dbctl.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
log = logging.getLogger("dbctl.records")


def read(settings: Settings, work: "Callable[[AsyncSession], Awaitable[T]]") -> T:
    """Run `work` with a session on the settings' database and return what it returns.

    Raises UnreachableError and its children, never makes a file; RefusedError when the database
    cannot be this project's.
    """
    place.require_no_sample(settings, place.look(settings))
    return loop.run(_worked(settings, work))


def write(settings: Settings, work: "Callable[[AsyncSession], Awaitable[T]]") -> T:
    """The same for work that changes rows: committed when it returns, rolled back when it raises.

    Says first where it acts. Raises RefusedError also where the database is marked as another
    environment's.
    """
    look = place.look(settings)
    place.require_ours(settings, look)
    guard.require_environment(settings, look)
    log.info("%s: %s, at %s", settings.env, look.place, ", ".join(look.at) or "base")
    return loop.run(_worked(settings, work))


async def _worked(settings: Settings, work: "Callable[[AsyncSession], Awaitable[T]]") -> T:
    from dbctl.database.engine import Database
    from dbctl.records.violations import translated

    # Around the commit too: a constraint that is deferred is violated there.
    with translated():
        async with Database(settings) as database, database.session() as session:
            return await work(session)


def stake(settings: Settings, table: str) -> Loss:
    """What deleting one row of `table` for good would lose.

    Raises RefusedError where nothing may be destroyed.
    """
    guard.require_destructible(settings, "purge rows")
    look = place.look(settings)
    place.require_ours(settings, look)
    guard.require_environment(settings, look)
    return Loss(f"{settings.env}: {look.place}", (TableSize(table, 1, None),))
