"""Tests a pooled connection before it is used, unless it has answered a moment ago.

SQLAlchemy's own `pool_pre_ping` asks each time, on asyncpg with three round trips (BEGIN, the
question, ROLLBACK): more than most requests take in all. Connections die while they rest.
"""

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

REST = 1.0  # seconds
_SINCE = "dbctl_rests_since"


def ping_rested(engine: Engine) -> None:
    """Ask a connection that has rested for a second; one that is gone takes the others along."""

    @event.listens_for(engine, "checkin")
    def rested(_connection: object, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
        record.info[_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: Any, _fairy: object) -> None:  # noqa: ANN401
        since = record.info.get(_SINCE)
        if since is None or time.monotonic() - since < REST:
            return
        if not _answers(engine, connection):
            raise InvalidatePoolError


def _answers(engine: Engine, connection: Any) -> bool:  # noqa: ANN401 - any DBAPI
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False
    return True
