"""Work that goes on behind the answer, with synchronous code in a thread.

A synchronous session blocks its thread, so the event loop must not be that thread. What is already
asynchronous needs none of this, and `Database.run_sync` runs synchronous code on the asynchronous
engine.
"""

import logging

from fastapi.concurrency import run_in_threadpool

from dbctl.database.engine import Database
from dbctl.sample.services import tokens

log = logging.getLogger("dbctl.api")


async def swept(database: Database) -> None:
    """Delete expired tokens in a thread while the loop serves others."""
    number = await run_in_threadpool(_sweep, database)
    log.info("swept %d expired tokens", number)


def _sweep(database: Database) -> int:
    with database.sync_session() as session:
        return tokens.sweep(session)
