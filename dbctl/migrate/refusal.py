"""What a database says no with before a revision runs, as one of our errors."""

import sqlite3

from sqlalchemy.exc import DBAPIError

from dbctl.errors import DbctlError, LockedError, MigrationFailedError, UnreachableError

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
LOCK_TIMED_OUT = "55P03"


def refusal(error: Exception) -> DbctlError | None:
    """Our error for a driver's; None when it is not a driver's."""
    if not isinstance(error, DBAPIError):
        return None
    cause = " ".join(str(error.orig).split())
    code = getattr(error.orig, "sqlite_errorcode", None)
    state = str(getattr(error.orig, "sqlstate", "") or "")
    if code in BUSY or state == LOCK_TIMED_OUT:
        return LockedError(f"the database is locked: {cause}", hint="who else is writing to it?")
    if error.connection_invalidated or state.startswith("08"):
        return UnreachableError(f"lost the connection: {cause}", hint="run the command again")
    return MigrationFailedError(f"the database refuses: {cause}", hint="nothing was run")
