"""SQLite through the standard library: everything that is true of it alone.

A read never creates the file. A connection that migrates is prepared in `migrating`: without that
SQLite commits half a revision, and empties child tables when a parent is rebuilt.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbctl.database import own
from dbctl.database.arguments import sqlite_arguments
from dbctl.database.model import Look, Mark, Place
from dbctl.database.url import Url
from dbctl.errors import (
    AnswerIsNo,
    LockedError,
    MissingDatabaseError,
    NotFoundError,
    ProviderError,
    RefusedError,
    TimedOutError,
    UnreachableError,
)
from dbctl.settings import Settings

if TYPE_CHECKING:
    from dbctl.database.condition import Answer, DatabaseSize, Health, Use
    from dbctl.database.shape import TableDetail, TableSize
    from dbctl.database.sqlite_shape import Shape

# What Alembic calls a table while it builds it anew.
REBUILT = "_alembic_tmp_"
SIDE_FILES = ("", "-wal", "-shm", "-journal")
TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    " ORDER BY name"
)


class Sqlite:
    """A SQLite file; it is server and database in one."""

    def __init__(self, url: Url, settings: Settings) -> None:
        self.url = url
        self._settings = settings

    @property
    def _file(self) -> Path:
        if self.url.file is None:
            raise RefusedError(
                "an in-memory database ends with the command that made it",
                hint="name a file: sqlite:///data.db",
            )
        return self.url.file

    @asynccontextmanager
    async def open(self) -> AsyncIterator["SqliteSession"]:
        """Open the file for reading and writing. Raises MissingDatabaseError when there is none."""
        if not self._file.exists():
            raise MissingDatabaseError(
                f"there is no file {self._file}",
                hint="`dbctl up` creates it, or `dbctl database create`",
            )
        with opening(self._file), closing(self._connect()) as connection:
            yield SqliteSession(connection, self._file)

    async def answers(self) -> Place | None:
        """The file's place, or None when there is no file yet."""
        try:
            async with self.open() as session:
                return await session.place()
        except MissingDatabaseError:
            return None

    async def create(self) -> bool:
        """Create an empty database file; False when it is there already."""
        if self._file.exists():
            return False
        try:
            self._file.touch(exist_ok=False)
        except FileExistsError:
            return False  # somebody else was quicker
        except OSError as error:
            raise ProviderError(
                f"cannot create {self._file}: {error.strerror}",
                hint="make its folder first, or check its permissions",
            ) from error
        return True

    async def drop(self) -> bool:
        """Delete the file and what SQLite keeps beside it; False when it is gone already."""
        there = self._file.exists()
        with self._unwritten() if there else nullcontext():
            for suffix in SIDE_FILES:
                self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        return there

    @contextmanager
    def _unwritten(self) -> Iterator[None]:
        """Keep writers out; a file that is no database has none. Raises LockedError."""
        ends = time.monotonic() + self._settings.lock_wait
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA busy_timeout = 100")
            while True:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                except sqlite3.DatabaseError as error:
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                        break
                    if time.monotonic() >= ends:
                        raise LockedError(
                            f"{self._file} is locked: another process writes to it",
                            hint="wait for it, or wait longer with --lock-wait SECONDS",
                        ) from error
                else:
                    break
            yield

    async def databases(self) -> tuple["DatabaseSize", ...]:
        """The one file, or none."""
        from dbctl.database.condition import DatabaseSize

        if not self._file.exists():
            return ()
        return (DatabaseSize(str(self._file), self._file.stat().st_size, current=True),)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self._file.as_uri()}?mode=rw",
            uri=True,
            timeout=sqlite_arguments(self.url, self._settings)["timeout"],
            isolation_level=None,
        )


class SqliteSession:
    """One open connection."""

    def __init__(self, connection: sqlite3.Connection, file: Path) -> None:
        self._connection = connection
        self._file = file

    async def place(self) -> Place:
        """Where this is; it also proves that the file is a database."""
        self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return Place("sqlite", None, str(self._file), sqlite3.sqlite_version)

    async def look(self, version_table: str, schema: str | None) -> Look:  # noqa: ARG002 - SQLite has no schemas
        """Place, number of tables and the rows of the version table."""
        names, mark = self._names(), self._mark()
        place = Place("sqlite", None, str(self._file), sqlite3.sqlite_version)
        if version_table not in names:
            return Look(place, str(self._file.resolve()), len(names), None, mark)
        rows = self._connection.execute(
            f"SELECT version_num FROM {quoted(version_table)} ORDER BY 1"  # noqa: S608 - quoted
        )
        versions = tuple(row[0] for row in rows)
        return Look(place, str(self._file.resolve()), len(names) - 1, versions, mark)

    def _mark(self) -> Mark | None:
        """What the database says of itself; None also where another thing has that name."""
        table = own.relation("sqlite", "mark")
        columns = self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
        if not {"key", "value"} <= {row[0] for row in columns}:
            return None
        return Mark.of(self._connection.execute(f"SELECT key, value FROM {table}"))  # noqa: S608 - a constant

    async def sizes(self) -> tuple["TableSize", ...]:
        """Every table with its rows counted; bytes where SQLite was built to know them."""
        return self._shape().sizes(self._names())

    async def names(self) -> tuple[str, ...]:
        """The names of the tables, without counting anything."""
        return tuple(self._names())

    async def detail(self, name: str) -> "TableDetail":
        """One table. Raises NotFoundError when there is none of that name."""
        if name not in self._names():
            raise NotFoundError(f"there is no table {name!r}", hint="see `dbctl tables list`")
        return self._shape().detail(name)

    def _shape(self) -> "Shape":
        from dbctl.database.sqlite_shape import Shape

        return Shape(self._connection)

    async def health(self) -> "Health":
        """What an interrupted migration left behind; a file needs no TLS, no index is invalid."""
        from dbctl.database.condition import Health, Leftover

        names = self._names()
        found = [name for name in names if name.startswith(REBUILT) and name != REBUILT]
        originals = [name.removeprefix(REBUILT) for name in found]
        leftovers = (
            Leftover(quoted(name), quoted(of), of in names)
            for name, of in zip(found, originals, strict=True)
        )
        return Health(None, tuple(leftovers), ())

    async def run(self, statement: str) -> "Answer":
        """Run one statement as it is. Raises AnswerIsNo when SQLite refuses it."""
        from dbctl.database.condition import Answer

        task = asyncio.current_task()
        # Ctrl-C cancels the task, and SQLite asks here whether it shall go on.
        self._connection.set_progress_handler(lambda: bool(task and task.cancelling()), 10_000)
        try:
            cursor = self._connection.execute(statement)
            rows = cursor.fetchall()
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:
            raise AnswerIsNo(str(error)) from error
        columns = tuple(column[0] for column in cursor.description or ())
        changed = f"{cursor.rowcount} rows" if cursor.rowcount >= 0 else "done"
        return Answer(columns, tuple(rows), changed)

    async def fetch(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a statement of dbctl's own; $1, $2 ... stand for the parameters."""
        # SQLite reads $1 as a name, and Python binds names without their first letter.
        given = {str(at): value for at, value in enumerate(parameters, 1)}
        return self._connection.execute(statement, given).fetchall()

    async def use(self) -> "Use":
        """How large the file is; who else has it open cannot be known."""
        from dbctl.database.condition import Use

        return Use(self._file.stat().st_size)

    async def peek(self, statement: str, *parameters: object) -> list[tuple[Any, ...]] | None:
        """`fetch` from dbctl's own tables; None where they are not."""
        try:
            return await self.fetch(statement, *parameters)
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return None

    async def provide(self, *names: str) -> bool:
        """Make dbctl's own tables `names` if missing; False when the file may not be written."""
        try:
            for statement in own.creation("sqlite", *names):
                self._connection.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                raise
            return False
        return True

    async def truncate(self, names: Sequence[str]) -> None:
        """Empty the tables in one transaction. Raises RefusedError when rows elsewhere point."""
        self._connection.execute("BEGIN IMMEDIATE")
        before = self._orphans()
        for name in names:
            self._connection.execute(f"DELETE FROM {quoted(name)}")  # noqa: S608 - quoted
            self._restart(name)
        new = self._orphans() - before
        if new:
            self._connection.execute("ROLLBACK")
            table, parent = sorted((row[0], row[2]) for row in new)[0]
            raise RefusedError(f"rows of {table} point at {parent}", hint="name that table too")
        self._connection.execute("COMMIT")

    def _orphans(self) -> set[tuple[Any, ...]]:
        """Rows whose foreign key points at nothing: table, row id, parent, number of the key."""
        return set(self._connection.execute("PRAGMA foreign_key_check"))

    def _restart(self, name: str) -> None:
        """Count from 1 again; the counters' table is there with the first AUTOINCREMENT."""
        there = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"
        if self._connection.execute(there).fetchone():
            self._connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))

    def _names(self) -> list[str]:
        """The project's tables: neither SQLite's nor dbctl's."""
        found = (row[0] for row in self._connection.execute(TABLES))
        return [name for name in found if not own.is_own(name)]


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def opening(file: Path) -> Iterator[None]:
    """Turn SQLite's ways of not opening a file into one of our errors."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise TimedOutError(
                f"{file} is locked by another process", hint="wait for it, or end it"
            ) from error
        raise UnreachableError(
            f"cannot open {file}: {error}", hint="check the path and its permissions"
        ) from error
    except sqlite3.DatabaseError as error:
        raise UnreachableError(
            f"{file} is not a SQLite database", hint="check the path of the database URL"
        ) from error
