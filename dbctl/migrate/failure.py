"""What went wrong in a run, as an error that says which revision, and where the database is."""

import logging
import signal
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from dbctl.database import importing
from dbctl.database.engine import reason
from dbctl.errors import (
    DbctlError,
    LockedError,
    MigrationFailedError,
    PartlyAppliedError,
    RevisionGraphError,
    StoppedError,
    TerminatedError,
    UnreachableError,
)
from dbctl.migrate.refusal import refusal

if TYPE_CHECKING:
    from dbctl.migrate.run import Run

_MISSING = ("42P01", "42703", "42704", "3F000")  # no such table, column, type, schema
LOCK_TIMED_OUT, DEADLOCK = "55P03", "40P01"
# Connection failures; and a server that shuts down, crashed, or is not up yet.
_LOST_CLASS, _LOST = "08", ("57P01", "57P02", "57P03")
# A constraint or a trigger says no, or the transaction could not be serialised.
_REFUSED_CLASSES = ("23", "40", "P0")
ENDED = 5.0  # seconds for a server to notice that a session is gone

log = logging.getLogger("dbctl.migrate")


def _state(error: Exception) -> str:
    original = getattr(error, "orig", error)
    return str(getattr(original, "sqlstate", None) or getattr(original, "pgcode", None) or "")


def is_lock_timeout(error: Exception) -> bool:
    """Whether a statement gave way to others, and may try again."""
    return isinstance(error, DBAPIError) and _state(error) in (LOCK_TIMED_OUT, DEADLOCK)


def is_lost(error: Exception) -> bool:
    """Whether the connection is gone, so that nobody said what became of the last statement."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = _state(error)
    return isinstance(error, OSError) or state.startswith(_LOST_CLASS) or state in _LOST


def _is_commit(error: Exception) -> bool:
    """Whether it was no statement that failed, but the COMMIT that SQLAlchemy sends itself."""
    return isinstance(error, DBAPIError) and error.statement is None


def is_refused_commit(error: Exception) -> bool:
    """Whether the server has rolled back at a COMMIT: for a deferred constraint, most often."""
    return _is_commit(error) and _state(error)[:2] in _REFUSED_CLASSES


def lost(run: "Run") -> DbctlError | None:
    """The answer to a COMMIT was lost: let the server end that session, and look.

    None when it is committed.
    """
    what = f"the commit of {run.last}"
    run.watch.session_ended(ENDED)
    try:
        at = tuple(sorted(run.look().at))
    except UnreachableError as gone:
        return UnreachableError(
            f"the connection was lost at {what}, which may have happened: {gone.message}",
            hint="see `dbctl status` when the server is back",
        )
    if at == run.heads:
        log.warning("the connection was lost at %s: it is committed", what)
        return None
    return MigrationFailedError(
        f"the connection was lost at {what}: it is not applied", hint="run the command again"
    )


def failed(run: "Run", error: Exception) -> Exception:
    """What a revision raised, in a line, and the line of the revision that raised it."""
    if run.ending and _is_commit(error):
        return _uncommitted(run, error)
    if run.step is None:
        return _unstamped(run, error) or refusal(error) or error
    script = run.step.revision
    at = importing.where(error, run.settings.project.root) or script.path
    message = f"revision {script.revision} failed: {reason(error)}"
    return MigrationFailedError(message, hint=f"see {at}{_unversioned(run, error)}")


def _uncommitted(run: "Run", error: Exception) -> MigrationFailedError:
    """The revisions ran, and what they left cannot be committed."""
    whose, hint = "these revisions", "with a transaction for each the one of them is named"
    if run.step is not None:
        whose, hint = f"revision {run.last}", f"see {run.step.revision.path}"
    return MigrationFailedError(f"{whose} cannot be committed: {reason(error)}", hint=hint)


def _unstamped(run: "Run", error: Exception) -> RevisionGraphError | None:
    """Alembic looks for a row that its step before took away; None for any other failure."""
    if run.verb != "stamp" or not isinstance(error, KeyError) or error.args[0] not in run.before.at:
        return None
    return RevisionGraphError(
        f"Alembic finds no way to these revisions from {', '.join(run.before.at)}",
        hint="`dbctl stamp --purge` empties the version table first",
    )


def blocked(run: "Run") -> LockedError:
    """Others held a lock all the time, and who."""
    who = "; ".join(str(one) for one in run.watch.blockers) or "nobody who can be seen"
    what = f"revision {run.step.revision.revision}" if run.step is not None else run.verb
    return LockedError(
        f"{what} waited {run.settings.lock_wait:g} s for a lock, held by {who}\n"
        f"rolled back; the database is at {', '.join(run.look().at) or 'base'}",
        hint="end that session, or wait longer with --lock-wait SECONDS",
    )


def unmoved(run: "Run", at: tuple[str, ...]) -> DbctlError:
    """Everything ended well, and the version rows are not what they should be."""
    message = f"env.py ended well, but the database is at {', '.join(at) or 'base'}"
    if run.committed:
        return PartlyAppliedError(
            f"{message}: {run.last} commits by itself",
            hint="take its commit() out, or use autocommit_block()",
        )
    return MigrationFailedError(message, hint="does env.py commit? see `dbctl doctor`")


def _unversioned(run: "Run", error: Exception) -> str:
    """The commonest reason why a first revision fails: its tables are there already."""
    if run.verb != "upgrade" or run.before.at:
        return ""
    if run.before.tables:
        return "; the database had tables and no version: `dbctl adopt` finds which they have"
    if _is_missing(error):
        return "; this history does not begin at nothing: `dbctl up --from-models` may be its way"
    return ""


def _is_missing(error: Exception) -> bool:
    """Whether a revision wants a table, a column or a type that nobody made."""
    return _state(error) in _MISSING or "no such table" in str(error)


def placed(run: "Run", error: MigrationFailedError) -> DbctlError:
    """The same error, and where the database is now."""
    try:
        at = ", ".join(run.look().at) or "base"
    except UnreachableError as gone:
        return UnreachableError(
            f"{error.message}\nwhere the database stands is not known: {gone.message}",
            hint="see `dbctl status` when the server is back, and run the command again",
        )
    if run.committed:
        return PartlyAppliedError(
            f"{error.message}\nit had committed before: the database is at {at}, with a part of it",
            hint=f"{error.hint}; `dbctl repair` says what to do",
        )
    where = f"rolled back; the database is at {at}"
    # What the commit itself refuses does not know whose commit it is.
    known = run.step is None or isinstance(error.__cause__, Exception)
    whose = "" if known else f"revision {run.step.revision.revision} failed: "
    return MigrationFailedError(f"{whose}{error.message}\n{where}", hint=error.hint)


def interrupted(run: "Run", stopped: KeyboardInterrupt) -> BaseException:
    """Ctrl-C or SIGTERM, and what is committed; the interrupt itself when nobody can be asked."""
    terminated = run.watch.signalled == signal.SIGTERM or "Terminated" in type(stopped).__name__
    kind = TerminatedError if terminated else StoppedError
    try:
        found = run.look().at
    except DbctlError:
        return stopped
    at = ", ".join(found) or "base"
    done = run.kept(found)
    part = ", with a part of the revision that ran" if run.committed else ""
    return kind(
        f"{'terminated' if kind is TerminatedError else 'interrupted'}: the database is at {at}"
        f"{part} ({done} {'revision' if done == 1 else 'revisions'} of this run committed)",
        hint="run the command again" if not run.committed else "see `dbctl repair`",
    )
