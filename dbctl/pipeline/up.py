"""From an empty disk to a migrated, seeded database, and round again."""

import asyncio
import logging
import time
from collections.abc import Callable

from dbctl import loop
from dbctl.database import guard
from dbctl.database.condition import Waited
from dbctl.database.consent import Consent, Demand
from dbctl.database.model import Look, Place
from dbctl.database.server import Server, server
from dbctl.errors import TimedOutError, UnreachableError, WrongPasswordError
from dbctl.migrate import apply, graph
from dbctl.migrate.model import Upgraded
from dbctl.pipeline import databases, precaution, seeding
from dbctl.pipeline.model import Reset, Up
from dbctl.seed.model import Seeded
from dbctl.settings import Settings

WAIT = 10.0  # seconds that `up` gives a server which is just starting
_PAUSE = 0.25

log = logging.getLogger("dbctl.pipeline")


def up(
    settings: Settings,
    *,
    seeding: bool | None = None,
    wait_limit: float = WAIT,
    lock: bool = True,
    from_models: bool = False,
    snapshot: bool | None = None,
) -> Up:
    """Wait for the server, create the database, upgrade, seed; safe to repeat.

    With `from_models` an empty database gets the models' tables and the newest version instead of
    the history.

    `snapshot` None takes one before revisions run on a protected database that holds anything.
    `seeding` None seeds where that is safe: on this machine, or where the environment was said.
    Raises what its parts raise; what was done before stays, and a second run goes on from there.
    """
    graph.read(settings.project)  # a broken history is said before a database is made for it
    there = loop.run(_awaited(server(settings), wait_limit))[0]
    created = there is None and _create(settings)
    before = precaution.before_upgrade(settings, snapshot)
    upgraded = _upgraded(settings, before, lock=lock, from_models=from_models)
    wanted = guard.seeds_by_default(settings) if seeding is None else seeding
    seeded = seed(settings).tables if wanted else {}
    return Up(created, upgraded, seeded, apply.status(settings), wanted)


def _upgraded(
    settings: Settings,
    before: Callable[[Look], object] | None,
    *,
    lock: bool,
    from_models: bool,
) -> Upgraded:
    if not from_models:
        return apply.upgrade(settings, "heads", lock=lock, before=before)
    from dbctl.migrate import fromnothing

    return fromnothing.create(settings, lock=lock)


def _create(settings: Settings) -> bool:
    created = loop.run(server(settings).create())
    if created:
        log.info("created %s", _missing(server(settings)))
    return created


def reset(
    settings: Settings,
    demand: Demand,
    consent: Consent,
    *,
    seeding: bool | None = None,
    lock: bool = True,
) -> Reset:
    """Drop the database and bring it up again.

    Raises RefusedError unless `consent` gives what `demand` (`databases.demand`) wants.
    """
    graph.read(settings.project)
    guard.settle(demand, consent)
    dropped = databases.gone(settings, "reset", lock=lock)
    made = up(settings, seeding=seeding, lock=lock)
    return Reset(**vars(made), dropped=dropped)


def seed(settings: Settings) -> Seeded:
    """Load the project's seed files. Raises SeedRefusedError; then nothing was written.

    Rows that somebody changed stay, unless their file changed: `dbctl seed` brings those back.
    """
    return seeding.run(settings, leaves_known=True)


async def wait(settings: Settings, *, limit: float) -> Waited:
    """Wait until the server answers, whether or not the database exists.

    Raises UnreachableError after `limit` seconds, at once when the password is wrong.
    """
    found, started = server(settings), time.monotonic()
    there, attempts = await _awaited(found, limit)
    return Waited(there or _missing(found), round(time.monotonic() - started, 3), attempts)


async def _awaited(found: Server, limit: float) -> tuple[Place | None, int]:
    """The database's place, None when only the database is missing; and how often it was asked."""
    started, attempts = time.monotonic(), 0
    while True:
        attempts += 1
        try:
            return await _answer(found, max(limit - (time.monotonic() - started), _PAUSE)), attempts
        except WrongPasswordError:
            raise
        except UnreachableError as error:
            if found.url.file or time.monotonic() - started + _PAUSE >= limit:
                raise
            if attempts == 1:
                log.info("waiting up to %g s for %s: %s", limit, found.url.server, error.message)
            await asyncio.sleep(_PAUSE)


async def _answer(found: Server, limit: float) -> Place | None:
    try:
        async with asyncio.timeout(limit):
            return await found.answers()
    except TimeoutError:
        raise TimedOutError(
            f"{found.url.server} did not answer within {limit:g} s",
            hint="is it the right host and port?",
        ) from None


def _missing(found: Server) -> Place:
    """The place of a database that is not there yet."""
    name = str(found.url.file or found.url.name)
    return Place(found.url.dialect, found.url.server if found.url.host else None, name, "")
