"""What a database refuses, as one of our errors: the one place that reads drivers' complaints.

PostgreSQL says a SQLSTATE and the constraint's name; SQLite a text that is never translated. No
message repeats a value: it may be a secret.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import MetaData, Table
from sqlalchemy.exc import DBAPIError, StatementError

from dbctl.errors import (
    BadValueError,
    DbctlError,
    InUseError,
    LockedError,
    NotFoundError,
    PendingError,
    ProviderError,
    TakenError,
    TimedOutError,
    UnreachableError,
)

UNIQUE, FOREIGN, CHECK, NULL, VALUE = "unique", "foreign", "check", "null", "value"
LOCKED, SLOW, LOST, OUTDATED = "locked", "slow", "lost", "outdated"
# By the first letters of the SQLSTATE, the longest first.
STATES = {
    "23505": UNIQUE,
    "23P01": UNIQUE,
    "23503": FOREIGN,
    "23001": FOREIGN,  # since PostgreSQL 18, ON DELETE RESTRICT
    "23514": CHECK,
    "23502": NULL,
    "42P01": OUTDATED,
    "42703": OUTDATED,
    "55P03": LOCKED,
    "40001": LOCKED,
    "40P01": LOCKED,
    "57014": SLOW,
    "57P0": LOST,
    "08": LOST,
    "22": VALUE,
}
TEXTS = {
    "UNIQUE constraint failed: ": UNIQUE,
    "FOREIGN KEY constraint failed": FOREIGN,
    "CHECK constraint failed: ": CHECK,
    "NOT NULL constraint failed: ": NULL,
    "database is locked": LOCKED,
    "database table is locked": LOCKED,
    "no such table: ": OUTDATED,
    "no such column: ": OUTDATED,
    "datatype mismatch": VALUE,
    "string or blob too big": VALUE,
    "Error binding parameter": VALUE,
    "cannot store ": VALUE,
}


class Violation(NamedTuple):
    """What a driver complains of: which kind, of which table, and what it names."""

    kind: str
    name: str = ""
    table: str = ""


@contextmanager
def translated(metadata: MetaData | None = None, *, deleting: bool = False) -> Iterator[None]:
    """Turn what the database refuses in the block into one of our errors.

    `metadata` knows which columns a constraint is on. `deleting`: a foreign key that is violated
    is then that of another row.
    """
    try:
        yield
    except (StatementError, OverflowError, UnicodeError) as error:
        if not isinstance(error, StatementError) and not is_bad_value(error):
            raise
        raise refusal(violation(error), metadata, deleting=deleting) from error


def is_bad_value(error: BaseException) -> bool:
    """Whether a value is at fault: too large, not text, not a number."""
    return violation(error).kind == VALUE


def violation(error: BaseException) -> Violation:
    """What the error of SQLAlchemy, or of a driver below it, says."""
    if not isinstance(error, DBAPIError):
        # A type of the columns, or the driver while it packs a value, has refused it.
        return Violation(VALUE)
    if error.connection_invalidated:
        return Violation(LOST)
    cause = error.orig
    state = str(getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or "")
    if state:
        return _server(state, cause)
    if isinstance(getattr(cause, "__cause__", None), ValueError):
        return Violation(VALUE)  # asyncpg cannot pack it
    return _file(str(cause))


def _server(state: str, cause: Any) -> Violation:  # noqa: ANN401 - asyncpg's or psycopg's
    kind = next((kind for start, kind in STATES.items() if state.startswith(start)), "")
    # asyncpg's own exception stands behind SQLAlchemy's; psycopg has a drawer for it.
    said = getattr(cause, "diag", None) or getattr(cause, "__cause__", None)
    name = getattr(said, "column_name" if kind == NULL else "constraint_name", None) or ""
    return Violation(kind, name, getattr(said, "table_name", None) or "")


def _file(text: str) -> Violation:
    for start, kind in TEXTS.items():
        if text.startswith(start):
            return Violation(kind, text.removeprefix(start))
    return Violation("")


def refusal(
    found: Violation, metadata: MetaData | None = None, *, deleting: bool = False
) -> DbctlError:
    """Our error for a violation."""
    if found.kind == FOREIGN:
        return _pointing(found, metadata, deleting=deleting)
    if found.kind == UNIQUE:
        columns = _columns(found, metadata)
        return TakenError(f"{columns} is taken", hint="choose another")
    if found.kind in (CHECK, NULL):
        what = f"{_columns(found, metadata)} is required" if found.kind == NULL else ""
        return BadValueError(what or f"the check {found.name} refuses it")
    error, message, hint = OTHERS.get(found.kind, UNKNOWN)
    return error(message.format(name=found.name), hint=hint)


UNKNOWN = (ProviderError, "the database refuses the statement", "run with --debug to see why")
OTHERS: dict[str, tuple[type[DbctlError], str, str]] = {
    VALUE: (
        BadValueError,
        "the database cannot hold a value",
        "is a text too long or a number too large? NUL and half characters are refused",
    ),
    LOCKED: (LockedError, "the database is locked", "who else is writing to it? try again"),
    SLOW: (TimedOutError, "the statement took too long", "DBCTL_STATEMENT_TIMEOUT sets the limit"),
    LOST: (UnreachableError, "lost the connection", "run the command again"),
    OUTDATED: (
        PendingError,
        "the database lacks a table or a column of the models",
        "`dbctl status` says what is pending",
    ),
}


def _pointing(found: Violation, metadata: MetaData | None, *, deleting: bool) -> DbctlError:
    """A foreign key: the row points at nothing, or others point at the row."""
    if deleting:
        whose = f"rows of {found.table} point" if found.table else "other rows point"
        return InUseError(f"{whose} at it", hint="delete those first")
    for table in metadata.tables.values() if metadata is not None else ():
        for key in table.foreign_key_constraints:
            if found.name and found.name in _names(table, key):
                columns = ", ".join(key.column_keys)
                return NotFoundError(f"{columns}: there is no such row in {key.referred_table}")
    return NotFoundError("a row that it points at is not there")


def _columns(found: Violation, metadata: MetaData | None) -> str:
    """The columns that a constraint is on, else its name; SQLite names them itself."""
    table = metadata.tables.get(found.table) if metadata is not None else None
    if table is not None:
        return ", ".join(_constrained(table, found.name)) or found.name
    return ", ".join(one.strip().rpartition(".")[2] for one in found.name.split(",")) or "it"


def _constrained(table: Table, name: str) -> list[str]:
    for one in (*table.constraints, *table.indexes):
        if name in _names(table, one):
            return [column.name for column in getattr(one, "columns", ())]
    return [name] if name in table.columns else []


def _names(table: Table, one: Any) -> tuple[str, ...]:  # noqa: ANN401 - a constraint or an index
    """What a constraint may be called: its name, or what PostgreSQL gives to one without."""
    if one.name:
        return (str(one.name),)
    columns = "_".join(column.name for column in getattr(one, "columns", ()))
    kinds = ("pkey",) if one is table.primary_key else (f"{columns}_key", f"{columns}_fkey")
    return tuple(f"{table.name}_{kind}" for kind in kinds)
