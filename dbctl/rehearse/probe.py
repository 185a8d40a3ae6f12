"""The seam between measuring and asking: what a dialect can say of a statement that has run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

from dbctl.rehearse.model import Blocked, Lost, Scan, Written

Rows = Sequence[Sequence[Any]]


class Known(NamedTuple):
    """A relation that was there before the first revision; `rows` of it or of its index's table."""

    name: str
    rows: int


@dataclass
class Effect:
    """What one look found since the look before.

    `held` are the locks of the open transaction, by relation. Of the tables in `shut` an index is
    locked so that nobody can read them either; into those in `unwritten` nobody writes. `work` is
    what takes the longer the more rows there are, in words. `filled` are the tables that have rows,
    `tables` those that were touched. `over` says that the statement's transaction was its own and
    has ended.
    """

    held: Mapping[str, str] = field(default_factory=dict)
    rewrites: tuple[str, ...] = ()
    scans: tuple[Scan, ...] = ()
    built: tuple[str, ...] = ()
    written: tuple[Written, ...] = ()
    lost: tuple[Lost, ...] = ()
    wal_bytes: int | None = None
    work: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    shut: frozenset[str] = frozenset()
    unwritten: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    over: bool = False


class Probe(Protocol):
    """A dialect's answers. Whatever it asks, it asks below SQLAlchemy, and leaves no trace."""

    def joined(self, connection: Connection) -> None:
        """A connection begins to migrate."""
        ...

    def before(self, connection: Connection, statement: str, *, bare: bool) -> None:
        """A statement is about to run; `bare` says that it has no parameters."""
        ...

    def after(self, connection: Connection, statement: str, rows: int) -> Effect:
        """It ran well; `rows` is what the driver counted."""
        ...

    def failed(self, connection: Connection) -> None:
        """It did not."""
        ...

    def ending(self, connection: Connection) -> Effect:
        """The transaction is about to be committed: what can only be known now."""
        ...

    def ended(self, *, committed: bool) -> None:
        """The transaction is over."""
        ...

    def blocks(self, mode: str) -> tuple[Blocked, ...]:
        """Whom a lock keeps out."""
        ...


def ask(connection: Connection, query: str) -> Rows:
    """Run a query below SQLAlchemy, whose listeners would take it for the project's."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else ()
    finally:
        cursor.close()
