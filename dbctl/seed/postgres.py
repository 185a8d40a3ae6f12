"""PostgreSQL: rows go in by COPY, beside SQLAlchemy, in the transaction that it began."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from sqlalchemy import JSON, Column, Dialect, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator, TypeEngine

from dbctl.database.engine import Database, reason
from dbctl.errors import LockedError, UnreachableError
from dbctl.seed import copytext, values
from dbctl.seed.columns import Form
from dbctl.seed.writer import RefusalError, Rows, named, one_line, quoted

LOCK = 0x6462_6374_6C5F_7365  # "dbctl_se": one seeding at a time
WAIT = 60.0  # seconds for another one to end
_PAUSE = 0.2
_SLIGHT = "300ms"  # for a lock that is worth no waiting
# No less than this, for the rest of the transaction.
_SORTING = """
SELECT set_config('maintenance_work_mem', '128MB', true)
 WHERE pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes('128MB')
"""

log = logging.getLogger("dbctl.seed")

# Secondary indexes that only make the table faster, or unique: what backs a constraint (of this
# table, or a foreign key of another one), identifies rows for replication, or carries what its
# definition does not say, is left alone.
INDEXES = """
SELECT n.nspname, c.relname, pg_get_indexdef(i.indexrelid)
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class t ON t.oid = i.indrelid
 WHERE i.indrelid = {table}::regclass AND t.relkind = 'r' AND NOT t.relispartition
   AND pg_has_role(t.relowner, 'USAGE') AND i.indisvalid
   AND NOT (i.indisprimary OR i.indisexclusion OR i.indisreplident OR i.indisclustered)
   AND c.reltablespace = 0 AND obj_description(c.oid, 'pg_class') IS NULL
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_class'::regclass
                    AND d.refobjid = i.indexrelid AND d.deptype <> 'i')
   AND NOT EXISTS (SELECT FROM pg_inherits h WHERE i.indrelid IN (h.inhrelid, h.inhparent))
   AND NOT EXISTS (SELECT FROM pg_attribute a
                    WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0)
 ORDER BY c.relname
"""
UNIQUE = """
SELECT array_agg(a.attname::text)
  FROM pg_index i, unnest(i.indkey[0:i.indnkeyatts - 1]) k(number)
  JOIN pg_attribute a ON a.attnum = k.number
 WHERE i.indrelid = {table}::regclass AND a.attrelid = i.indrelid
   AND i.indisunique AND i.indisvalid AND i.indexprs IS NULL
 GROUP BY i.indexrelid
"""
COUNTERS = """
SELECT a.attname::text, pg_get_serial_sequence({table}, a.attname::text)
  FROM pg_attribute a
 WHERE a.attrelid = {table}::regclass AND a.attnum > 0 AND NOT a.attisdropped
   AND pg_get_serial_sequence({table}, a.attname::text) IS NOT NULL
"""
WRITTEN = """
SELECT coalesce(sum(n_tup_ins), 0)::bigint, coalesce(sum(n_tup_upd), 0)::bigint
  FROM pg_stat_xact_user_tables WHERE schemaname !~ '^pg_(temp|toast)'
"""


@asynccontextmanager
async def writing(database: Database, *, keep: bool) -> AsyncIterator["Postgres"]:
    """A transaction; nobody else of dbctl seeds this database meanwhile."""
    with _refusals():
        async with database.async_engine.connect() as connection, connection.begin() as whole:
            await _locked(connection)
            raw = await connection.get_raw_connection()
            yield Postgres(connection, raw.driver_connection)
            if not keep:
                await whole.rollback()


async def _locked(connection: AsyncConnection) -> None:
    """Wait until nobody else seeds. Raises LockedError after `WAIT` seconds."""
    started, said = time.monotonic(), False
    while not (
        await connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({LOCK})")
    ).scalar():
        if time.monotonic() - started > WAIT:
            raise LockedError(
                f"somebody else has been seeding this database for {WAIT:g} s",
                hint="wait for it to end, and run the command again",
            )
        if not said:
            log.info("somebody else is seeding this database: waiting up to %g s", WAIT)
            said = True
        await asyncio.sleep(_PAUSE)


class Postgres:
    """One transaction."""

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:  # noqa: ANN401 - asyncpg
        self.connection = connection
        self.dialect: Dialect = connection.dialect
        self._driver = driver

    async def execute(self, statement: str) -> int:
        """Run one statement; how many rows it touched."""
        with _refusals():
            status = await self._driver.execute(statement)
        last = status.rsplit(" ", 1)[-1]
        return int(last) if last.isdigit() else 0

    async def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with _refusals():
            return [tuple(row) for row in await self._driver.fetch(statement)]

    async def copy(
        self, table: str, schema: str | None, columns: Sequence[str], rows: Rows
    ) -> None:
        """COPY, in the driver's binary form."""
        with _refusals():
            await self._driver.copy_records_to_table(
                table, schema_name=schema, columns=list(columns), records=rows
            )

    async def copy_text(
        self, table: str, schema: str | None, columns: Sequence[str], pieces: Iterable[bytes]
    ) -> None:
        """COPY, in its text form; the server works on a piece while the next one is made."""

        async def fed() -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece

        with _refusals():
            await self._driver.copy_to_table(
                table, schema_name=schema, columns=list(columns), source=fed(), encoding="utf8"
            )

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What the block did is undone when it raises."""
        async with self.connection.begin_nested():
            yield

    def differ(self, one: str, other: str) -> str:
        """The condition that two expressions differ, where NULL equals NULL."""
        return f"{one} IS DISTINCT FROM {other}"

    def comparable(self, column: Column[Any], expression: str) -> str:
        """The type json has no equality, jsonb has."""
        kind = values.plain(column.type).dialect_impl(self.dialect)
        is_json = isinstance(kind, JSON) and not isinstance(kind, JSONB)
        return f"({expression})::jsonb" if is_json else expression

    def form(self, columns: Sequence[Column[Any]]) -> Form:
        """Text where all have one, else binary; SQLAlchemy alone knows what wraps itself in SQL."""
        if any(map(self._is_odd, columns)):
            return Form.plain
        return Form.text if all(copytext.knows(one.type) for one in columns) else Form.bound

    def _is_odd(self, column: Column[Any]) -> bool:
        """A type that wraps its values into SQL, or that COPY's binary form may not know."""
        kind = values.plain(column.type)
        unknown = values.python_type(kind) is object and not isinstance(kind, JSON)
        return unknown or wraps(column.type)

    def inserting(self, columns: Sequence[Column[Any]]) -> str:
        """A number that is given counts, also where the server would always count itself."""
        return " OVERRIDING SYSTEM VALUE" if any(one.identity for one in columns) else ""

    async def unique_sets(self, table: Table) -> set[frozenset[str]]:
        """The sets of columns with a unique index."""
        return {frozenset(row[0]) for row in await self.fetch(self._about(UNIQUE, table))}

    async def drop_indexes(self, table: Table) -> tuple[str, ...]:
        """Drop the secondary indexes of an empty table, unless somebody holds on to it."""
        if not await self.fetch(self._about(INDEXES, table)) or await self._holds_rows(table):
            return ()
        try:
            async with self.savepoint():  # a lock that was taken in vain goes with it
                return await self._dropped(table)
        except RefusalError as error:
            log.debug("the indexes of %s stay: %s", table.name, error)
            return ()

    async def _holds_rows(self, table: Table) -> bool:
        name = named(self.dialect, table)
        return bool(await self.fetch(f"SELECT 1 FROM {name} LIMIT 1"))

    async def _dropped(self, table: Table) -> tuple[str, ...]:
        await self.execute(f"SET LOCAL lock_timeout = '{_SLIGHT}'")
        await self.execute(f"LOCK TABLE {named(self.dialect, table)} IN ACCESS EXCLUSIVE MODE")
        if await self._holds_rows(table):
            raise RefusalError("somebody was quicker")
        found = await self.fetch(self._about(INDEXES, table))
        for schema, name, _ in found:
            place = f"{quoted(self.dialect, schema)}.{quoted(self.dialect, name)}"
            await self.execute(f"DROP INDEX {place}")
        await self.execute("SET LOCAL lock_timeout = DEFAULT")
        return tuple(definition for *_, definition in found)

    async def rebuild(self, indexes: Sequence[str]) -> None:
        """Build the indexes, with memory to sort in."""
        if indexes:
            await self.fetch(_SORTING)
        for statement in indexes:
            await self.execute(statement)

    async def advance(self, table: Table, columns: Sequence[Column[Any]]) -> None:
        """Let sequences go on behind the largest number; they never go back."""
        given = {column.name for column in columns}
        name = named(self.dialect, table)
        for column, sequence in await self.fetch(self._about(COUNTERS, table)):
            if column in given:
                largest = f"SELECT max({quoted(self.dialect, column)}) AS n FROM {name}"
                await self.fetch(
                    f"SELECT setval({_literal(sequence)}, m.n) FROM ({largest}) m, {sequence} s"
                    " WHERE m.n > s.last_value OR (m.n = s.last_value AND NOT s.is_called)"
                )

    async def restart(self, table: Table) -> None:
        """Let sequences begin again, where this role owns them; rolled back like the rest."""
        for _, sequence in await self.fetch(self._about(COUNTERS, table)):
            try:
                async with self.savepoint():
                    await self.execute(f"ALTER SEQUENCE {sequence} RESTART")
            except RefusalError as error:
                log.debug("%s goes on counting: %s", sequence, error)

    async def script(self, statement: str) -> None:
        """Run one statement of a user's script."""
        await self.execute(statement)

    async def written(self) -> tuple[int, int]:
        """The server's own count of this transaction's rows."""
        ((inserted, updated),) = await self.fetch(WRITTEN)
        return int(inserted), int(updated)

    async def settle(self) -> None:
        """Check deferred constraints now."""
        await self.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def _about(self, query: str, table: Table) -> str:
        return query.format(table=_literal(named(self.dialect, table)))


def wraps(kind: TypeEngine[Any]) -> bool:
    """Whether a type puts an SQL expression around its values."""
    own = (TypeEngine.bind_expression, TypeDecorator.bind_expression)
    return type(kind).bind_expression not in own


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what the server or the driver refuse into RefusalError."""
    try:
        yield
    except (asyncpg.PostgresConnectionError, OSError) as error:
        raise _lost(error) from error
    except asyncpg.PostgresError as error:
        raise RefusalError(one_line(error)) from error
    except asyncpg.InterfaceError as error:
        if "closed" in str(error):
            raise _lost(error) from error
        raise RefusalError(one_line(error)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise _lost(error) from error
        raise RefusalError(reason(error)) from error


def _lost(error: BaseException) -> UnreachableError:
    return UnreachableError(
        f"the connection was lost: {reason(error)}",
        hint="nothing was written; run the command again",
    )
