"""SQLite through the standard library: everything that is true of it alone.

A read never creates the file. A connection that migrates is prepared in `migrating`: without that
SQLite commits half a revision, and empties child tables when a parent is rebuilt.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

from dbctl.database.model import (
    Column,
    DatabaseSize,
    Index,
    Look,
    Place,
    TableDetail,
    TableSize,
)
from dbctl.database.url import Url
from dbctl.errors import (
    MissingDatabaseError,
    NotFoundError,
    ProviderError,
    RefusedError,
    TimedOutError,
    UnreachableError,
)
from dbctl.settings import Settings

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
            raise ProviderError(f"cannot create {self._file}: {error.strerror}") from error
        return True

    async def drop(self) -> bool:
        """Delete the file and what SQLite keeps beside it; False when it is gone already."""
        there = self._file.exists()
        for suffix in SIDE_FILES:
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        return there

    async def databases(self) -> tuple[DatabaseSize, ...]:
        """The one file, or none."""
        if not self._file.exists():
            return ()
        return (DatabaseSize(str(self._file), self._file.stat().st_size, current=True),)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self._file.as_uri()}?mode=rw",
            uri=True,
            timeout=self._settings.connect_timeout,
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
        names = self._names()
        place = Place("sqlite", None, str(self._file), sqlite3.sqlite_version)
        if version_table not in names:
            return Look(place, str(self._file.resolve()), len(names), None)
        rows = self._connection.execute(
            f"SELECT version_num FROM {quoted(version_table)} ORDER BY 1"  # noqa: S608 - quoted
        )
        versions = tuple(row[0] for row in rows)
        return Look(place, str(self._file.resolve()), len(names) - 1, versions)

    async def sizes(self) -> tuple[TableSize, ...]:
        """Every table with its rows counted; bytes where SQLite was built to know them."""
        sizes = self._bytes()
        return tuple(TableSize(name, self._count(name), sizes.get(name)) for name in self._names())

    async def detail(self, name: str) -> TableDetail:
        """One table. Raises NotFoundError when there is none of that name."""
        if name not in self._names():
            raise NotFoundError(f"there is no table {name!r}", hint="see `dbctl tables list`")
        return TableDetail(
            name=name,
            rows=self._count(name),
            bytes=self._bytes().get(name),
            columns=tuple(self._columns(name)),
            indexes=tuple(self._indexes(name)),
        )

    async def truncate(self, names: Sequence[str]) -> None:
        """Empty the tables in one transaction. Raises RefusedError when rows elsewhere point."""
        self._connection.execute("BEGIN IMMEDIATE")
        for name in names:
            self._connection.execute(f"DELETE FROM {quoted(name)}")  # noqa: S608 - quoted
        orphans = self._connection.execute("PRAGMA foreign_key_check").fetchone()
        if orphans is not None:
            self._connection.execute("ROLLBACK")
            raise RefusedError(
                f"rows of {orphans[0]} point at {orphans[2]}", hint="name that table too"
            )
        self._connection.execute("COMMIT")

    def _names(self) -> list[str]:
        return [row[0] for row in self._connection.execute(TABLES)]

    def _count(self, name: str) -> int:
        row = self._connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()  # noqa: S608 - quoted
        return int(row[0])

    def _bytes(self) -> dict[str, int]:
        """Bytes by table, indexes counted with it; {} when this SQLite has no dbstat."""
        query = (
            "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s"
            " JOIN sqlite_master m ON m.name = s.name GROUP BY 1"
        )
        try:
            return dict(self._connection.execute(query))
        except sqlite3.OperationalError:
            return {}

    def _columns(self, table: str) -> Iterator[Column]:
        keys = {
            row[3]: row[2]
            for row in self._connection.execute(f"PRAGMA foreign_key_list({quoted(table)})")
        }
        for row in self._connection.execute(f"PRAGMA table_info({quoted(table)})"):
            _, name, kind, not_null, default, primary = row
            key = "primary" if primary else keys.get(name, "")
            yield Column(name, kind, not (not_null or primary), default, key)

    def _indexes(self, table: str) -> Iterator[Index]:
        definitions = dict(
            self._connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?",
                (table,),
            )
        )
        for row in self._connection.execute(f"PRAGMA index_list({quoted(table)})").fetchall():
            parts = self._connection.execute(f"PRAGMA index_info({quoted(row[1])})")
            columns = tuple(part[2] or "(expression)" for part in parts)
            yield Index(row[1], columns, bool(row[2]), definitions.get(row[1]) or "")


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
