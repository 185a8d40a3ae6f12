"""SQLite: rows go in by one prepared statement, in one transaction, with a larger cache."""

import logging
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Column, Dialect, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from dbctl.database.engine import Database, reason
from dbctl.errors import LockedError
from dbctl.seed.columns import Form
from dbctl.seed.postgres import wraps
from dbctl.seed.writer import RefusalError, Rows, named, one_line, quoted

CACHE_KIB = 48 * 1024  # most of the indexes of a million rows; the memory that a run may take
SORTING_KIB = 4 * 1024  # to build an index anew: it is sorted in pieces that large
SLICE = 10_000  # rows between two looks at whether to stop

log = logging.getLogger("dbctl.seed")


@asynccontextmanager
async def writing(database: Database, *, keep: bool) -> AsyncIterator["Sqlite"]:
    """A transaction that is one from its first statement."""
    with _refusals():
        async with database.async_engine.connect() as connection:
            # The driver begins its own transactions too late, and ends them at a savepoint.
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            ((before,),) = await connection.exec_driver_sql("PRAGMA cache_size")
            await connection.exec_driver_sql(_cache(CACHE_KIB))
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                raw = await connection.get_raw_connection()
                yield Sqlite(connection, raw.driver_connection)
                await connection.exec_driver_sql("COMMIT" if keep else "ROLLBACK")
            finally:
                await connection.rollback()
                await connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


class Sqlite:
    """One transaction."""

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:  # noqa: ANN401 - aiosqlite
        self.connection = connection
        self.dialect: Dialect = connection.dialect
        self._driver = driver

    async def execute(self, statement: str) -> int:
        """Run one statement; how many rows it touched."""
        with _refusals():
            async with self._driver.execute(statement) as cursor:
                return max(0, int(cursor.rowcount))

    async def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with _refusals():
            async with self._driver.execute(statement) as cursor:
                return [tuple(row) for row in await cursor.fetchall()]

    async def copy(
        self, table: str, schema: str | None, columns: Sequence[str], rows: Rows
    ) -> None:
        """One prepared statement; the rows are read in the driver's thread, nothing waits there."""
        place = ".".join(quoted(self.dialect, part) for part in (schema, table) if part)
        names = ", ".join(quoted(self.dialect, name) for name in columns)
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {place} ({names}) VALUES ({marks})"
        rest = iter(rows)
        with _refusals():
            while await self._some(statement, islice(rest, SLICE)) == SLICE:
                pass

    async def _some(self, statement: str, rows: Rows) -> int:
        async with self._driver.executemany(statement, rows) as cursor:
            return int(cursor.rowcount)

    async def copy_text(
        self, table: str, schema: str | None, columns: Sequence[str], pieces: Iterable[bytes]
    ) -> None:
        """No form of SQLite's."""
        raise NotImplementedError(table, schema, columns, pieces)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What the block did is undone when it raises."""
        await self.execute("SAVEPOINT dbctl")
        try:
            yield
        except BaseException:
            await self.execute("ROLLBACK TO dbctl")
            await self.execute("RELEASE dbctl")
            raise
        await self.execute("RELEASE dbctl")

    def differ(self, one: str, other: str) -> str:
        """The condition that two expressions differ, where NULL equals NULL."""
        return f"{one} IS NOT {other}"

    def comparable(self, column: Column[Any], expression: str) -> str:  # noqa: ARG002 - all have equality
        """Everything has equality."""
        return expression

    def form(self, columns: Sequence[Column[Any]]) -> Form:
        """Bound, unless a type wraps its values into SQL."""
        return Form.plain if any(wraps(one.type) for one in columns) else Form.bound

    def inserting(self, columns: Sequence[Column[Any]]) -> str:  # noqa: ARG002
        """A given number always counts."""
        return ""

    async def unique_sets(self, table: Table) -> set[frozenset[str]]:
        """The sets of columns with a unique index, the row's number among them."""
        name = quoted(self.dialect, table.name)
        found = set()
        for _, index, unique, *_ in await self.fetch(f"PRAGMA index_list({name})"):
            if unique:
                rows = await self.fetch(f"PRAGMA index_info({quoted(self.dialect, index)})")
                found.add(frozenset(row[2] for row in rows))
        primary = [row[1] for row in await self.fetch(f"PRAGMA table_info({name})") if row[5]]
        return {*found, frozenset(primary)}

    async def drop_indexes(self, table: Table) -> tuple[str, ...]:
        """Drop the secondary indexes of an empty table; constraints have no statement of theirs."""
        name = named(self.dialect, table)
        if await self.fetch(f"SELECT 1 FROM {name} LIMIT 1"):
            return ()
        needed = await self._needed(table)
        made = []
        for index, statement in await self._indexes(table):
            rows = await self.fetch(f"PRAGMA index_info({quoted(self.dialect, index)})")
            if frozenset(row[2] for row in rows) not in needed:
                await self.execute(f"DROP INDEX {quoted(self.dialect, index)}")
                made.append(statement)
        if made:
            # Rows without indexes come in order and need no cache; the sorting that makes an index
            # takes as much memory again as the cache may have, and is quicker in small pieces.
            await self.execute(_cache(SORTING_KIB))
        return tuple(made)

    async def _indexes(self, table: Table) -> list[tuple[Any, ...]]:
        return await self.fetch(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            f" AND tbl_name = {_literal(table.name)} ORDER BY name"
        )

    async def _needed(self, table: Table) -> set[frozenset[str]]:
        """Sets of columns that foreign keys of any table point at."""
        tables = await self.fetch("SELECT name FROM sqlite_master WHERE type = 'table'")
        found: dict[tuple[str, int], set[str]] = {}
        for (child,) in tables:
            keys = await self.fetch(f"PRAGMA foreign_key_list({quoted(self.dialect, child)})")
            for number, _, parent, _, target, *_ in keys:
                if parent.lower() == table.name.lower() and target:
                    found.setdefault((child, number), set()).add(target)
        return {frozenset(columns) for columns in found.values()}

    async def rebuild(self, indexes: Sequence[str]) -> None:
        """Build the indexes."""
        for statement in indexes:
            await self.execute(statement)
        await self.execute(_cache(CACHE_KIB))

    async def advance(self, table: Table, columns: Sequence[Column[Any]]) -> None:
        """SQLite counts on from the largest number by itself."""

    async def restart(self, table: Table) -> None:
        """Count from 1 again; the counters' table is there with the first AUTOINCREMENT."""
        there = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"
        if await self.fetch(there):
            await self.execute(f"DELETE FROM sqlite_sequence WHERE name = {_literal(table.name)}")

    async def script(self, statement: str) -> None:
        """Run one statement of a user's script."""
        await self.execute(statement)

    async def written(self) -> tuple[int, int]:
        """All changes, as SQLite counts them; which were updates nobody knows."""
        ((changes,),) = await self.fetch("SELECT total_changes()")
        return int(changes), 0

    async def settle(self) -> None:
        """Foreign keys are looked at with every statement."""


def _cache(kib: int) -> str:
    return f"PRAGMA cache_size = -{kib}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what SQLite refuses into RefusalError."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = one_line(error)
        raise (_locked(error) if "locked" in text else RefusalError(text)) from error
    except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
        raise RefusalError(one_line(error)) from error
    except DBAPIError as error:
        text = reason(error)
        raise (_locked(error) if "locked" in text else RefusalError(text)) from error


def _locked(error: BaseException) -> LockedError:
    return LockedError(
        f"the database is in use: {reason(error)}", hint="wait for the others, or end them"
    )
