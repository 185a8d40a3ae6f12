"""What a database says of itself: its uuid, its environment, its project.

The first `up` or `upgrade` writes it; whoever changes the database reads it before.
"""

import logging

from dbctl.database import own
from dbctl.database.model import Look, Mark
from dbctl.database.server import Ask, Session, address, asker
from dbctl.errors import DbctlError
from dbctl.settings import Settings

log = logging.getLogger("dbctl.database")


def new(settings: Settings) -> Mark:
    """The mark that a database of these settings gets; its uuid is nobody else's."""
    from datetime import UTC, datetime
    from uuid import uuid4

    made = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Mark(str(uuid4()), settings.env, settings.project.name, made)


async def read(session: Session) -> Mark | None:
    """The database's mark; None where there is none, or none that this role may read."""
    return (await session.look("alembic_version", None)).mark


async def write(session: Session, mark: Mark) -> bool:
    """Mark the database unless it has a mark: of several writers the first one's stands whole.

    False when this role may not make the table.
    """
    return await _put(session, mark, "DO NOTHING")


async def remark(session: Session, mark: Mark) -> bool:
    """Mark the database anew, whatever it said before; False as for `write`."""
    return await _put(session, mark, "(key) DO UPDATE SET value = excluded.value")


async def _put(session: Session, mark: Mark, otherwise: str) -> bool:
    if not await session.provide("mark"):
        return False
    table = own.relation((await session.place()).dialect, "mark")
    # One statement, always in the same order: a second writer waits at the first row.
    await session.fetch(
        f"INSERT INTO {table} (key, value) VALUES ('environment', $1), ('uuid', $2),"  # noqa: S608 - constants
        f" ('project', $3), ('made', $4) ON CONFLICT {otherwise}",
        mark.environment,
        mark.uuid,
        mark.project,
        mark.made,
    )
    return True


def ensure(settings: Settings, look: Look, ask: Ask | None = None) -> None:
    """Mark the database that `look` saw, if it has no mark and these settings may give one.

    What was done before stands without it: a mark that cannot be written is a line in the log.
    """
    if look.mark or look.hidden or not may_mark(settings):
        return
    try:
        written = (ask or asker(settings))(lambda session: write(session, new(settings)))
    except DbctlError as error:
        log.warning("not marked as %s: %s", settings.env, error.message)
        return
    if not written:
        log.info("not marked as %s: this role may not make dbctl's tables", settings.env)


def may_mark(settings: Settings) -> bool:
    """Whether the environment is sure: without a word a remote server is not `local`."""
    return settings.ledger and (address(settings).is_local or settings.env_said)
