"""What went wrong in a run, as an error that says which revision, and where the database is."""

import signal
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from dbctl.database import importing
from dbctl.database.engine import reason
from dbctl.errors import (
    DbctlError,
    MigrationFailedError,
    PartlyAppliedError,
    StoppedError,
    TerminatedError,
)
from dbctl.migrate.refusal import refusal

if TYPE_CHECKING:
    from dbctl.migrate.run import Run

LOCK_TIMED_OUT, DEADLOCK = "55P03", "40P01"
# Connection failures; and a server that shuts down, crashed, or is not up yet.
_LOST_CLASS, _LOST = "08", ("57P01", "57P02", "57P03")
_LINES = 4


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


def failed(run: "Run", error: Exception) -> Exception:
    """What a revision raised, in a line, and the line of the revision that raised it."""
    if run.step is None:
        return refusal(error) or error
    script = run.step.revision
    at = importing.where(error, run.settings.project.root) or script.path
    message = f"revision {script.revision} failed: {reason(error)}"
    return MigrationFailedError(message, hint=f"see {at}{_unversioned(run)}")


def _unversioned(run: "Run") -> str:
    """The commonest reason why a first revision fails: its tables are there already."""
    if run.verb != "upgrade" or run.before.at or not run.before.tables:
        return ""
    return "; the database had tables and no version: `dbctl adopt` finds which they have"


def placed(run: "Run", error: MigrationFailedError) -> DbctlError:
    """The same error, and where the database is now."""
    at = ", ".join(run.look().at) or "base"
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
        at = ", ".join(run.look().at) or "base"
    except DbctlError:
        return stopped
    done = len(run.applied)
    part = ", with a part of the revision that ran" if run.committed else ""
    return kind(
        f"{'terminated' if kind is TerminatedError else 'interrupted'}: the database is at {at}"
        f"{part} ({done} {'revision' if done == 1 else 'revisions'} of this run committed)",
        hint="run the command again" if not run.committed else "see `dbctl repair`",
    )
