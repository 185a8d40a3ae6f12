"""What the loading of rows asks of a database; postgres.py and sqlite.py answer."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import Any, Protocol

from sqlalchemy import Column, Dialect, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from dbctl.database.engine import Database
from dbctl.seed.columns import Form

Rows = Iterable[tuple[Any, ...]]


class RefusalError(Exception):
    """The database refuses a statement; the message says why, on one line."""


class Writer(Protocol):
    """One transaction of one database."""

    connection: AsyncConnection
    dialect: Dialect

    async def execute(self, statement: str) -> int:
        """Run one statement; how many rows it touched. Raises RefusalError."""
        ...

    async def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a query. Raises RefusalError."""
        ...

    async def copy(
        self, table: str, schema: str | None, columns: Sequence[str], rows: Rows
    ) -> None:
        """Put rows into a table the fastest way there is. Raises RefusalError."""
        ...

    async def copy_text(
        self, table: str, schema: str | None, columns: Sequence[str], pieces: Iterable[bytes]
    ) -> None:
        """The same with lines of copytext.py, where `form` says so. Raises RefusalError."""
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """What the block did is undone when it raises."""
        ...

    def differ(self, one: str, other: str) -> str:
        """The condition that two expressions differ, where NULL equals NULL."""
        ...

    def comparable(self, column: Column[Any], expression: str) -> str:
        """`expression` of a column's type in a form that has equality."""
        ...

    def form(self, columns: Sequence[Column[Any]]) -> Form:
        """In which form it takes the values of these columns."""
        ...

    def inserting(self, columns: Sequence[Column[Any]]) -> str:
        """What stands between the columns of an INSERT and its rows."""
        ...

    async def unique_sets(self, table: Table) -> set[frozenset[str]]:
        """The sets of columns for which the database itself keeps a unique index."""
        ...

    async def drop_indexes(self, table: Table) -> tuple[str, ...]:
        """Drop the secondary indexes of an empty table; the statements that make them again.

        () for a table that holds rows, is in use, or is another role's. What backs a constraint,
        or what a foreign key needs, stays.
        """
        ...

    async def rebuild(self, indexes: Sequence[str]) -> None:
        """Run the statements of `drop_indexes`. Raises RefusalError when rows do not fit."""
        ...

    async def advance(self, table: Table, columns: Sequence[Column[Any]]) -> None:
        """Let counters go on behind the largest number in their columns."""
        ...

    async def restart(self, table: Table) -> None:
        """Let the counters of an emptied table begin again."""
        ...

    async def script(self, statement: str) -> None:
        """Run one statement of a user's script. Raises RefusalError."""
        ...

    async def written(self) -> tuple[int, int]:
        """Rows inserted and updated so far in this transaction, for a difference."""
        ...

    async def settle(self) -> None:
        """Check now what would be checked at the commit. Raises RefusalError."""
        ...


WRITERS = {"postgresql": "dbctl.seed.postgres", "sqlite": "dbctl.seed.sqlite"}


def writing(database: Database, *, keep: bool) -> AbstractAsyncContextManager[Writer]:
    """A transaction, committed at the end of the block when `keep`.

    Raises LockedError when somebody else is seeding, UnreachableError when the connection is lost.
    """
    module = import_module(WRITERS[database.url.dialect])
    made: AbstractAsyncContextManager[Writer] = module.writing(database, keep=keep)
    return made


def quoted(dialect: Dialect, name: str) -> str:
    """A name as SQL has it."""
    return dialect.identifier_preparer.quote_identifier(name)


def named(dialect: Dialect, table: Table) -> str:
    """A table as SQL has it, with its schema."""
    parts = (table.schema, table.name) if table.schema else (table.name,)
    return ".".join(quoted(dialect, part) for part in parts)


def one_line(error: BaseException) -> str:
    """What a driver says, on one line."""
    return " ".join(str(error).split()) or type(error).__name__
