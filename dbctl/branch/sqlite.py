"""Branches of a SQLite file: files in a folder beside it that git does not look into.

The record is a row of the copy's own mark.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path

from dbctl.branch import marked, record
from dbctl.branch.model import ProviderName, Wish
from dbctl.branch.names import Names
from dbctl.branch.record import KEY, Record
from dbctl.branch.store import Found, Kept, Survey
from dbctl.database import own, versions
from dbctl.database.server import address
from dbctl.database.sqlite import SIDE_FILES, Sqlite, opening
from dbctl.database.sqlite_clone import PARTIAL, being_made, copied, declared
from dbctl.database.url import Url
from dbctl.errors import LockedError, MissingDatabaseError, ProviderError, RefusedError
from dbctl.inuse import prepare
from dbctl.settings import Settings

FOLDER = Path(".dbctl", "branches")
SUFFIX = ".db"
CLAIMS = "claims.lock"
PUT = (
    f"INSERT OR REPLACE INTO {own.relation('sqlite', 'mark')} (key, value)"  # noqa: S608 - a constant
    " VALUES ($1, $2)"
)
PAUSE = 0.05  # seconds between two tries for a claim

progress = logging.getLogger("dbctl.progress")


class SqliteBranches(Kept):
    """The branches of a SQLite file."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(SqliteStore(settings))


class SqliteStore:
    """A folder of files."""

    name: ProviderName = "sqlite"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._url = address(settings)
        if self._url.file is None:
            raise RefusedError(
                "an in-memory database has no branches", hint="name a file: sqlite:///data.db"
            )
        here = self._url.file.absolute()
        inside = here.parent.parts[-2:] == FOLDER.parts
        # A branch's own URL leads to its family too.
        found = _record(here) if inside else None
        self._home = here.parent if found else here.parent / FOLDER
        self._main = self._home.parent.parent / (found.main if found else here.name)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["SqliteStore"]:
        """Itself: nothing has to be opened."""
        yield self

    async def main(self) -> str:
        """The name of the main file."""
        if not self._main.exists():
            raise MissingDatabaseError(
                f"there is no file {self._main}",
                hint="`dbctl up` creates it, or `dbctl database create`",
            )
        return self._main.name

    async def survey(self, names: Names) -> Survey:
        """Every file in the folder that is a branch of this one."""
        files = sorted(self._home.iterdir()) if self._home.is_dir() else ()
        copies = (_found(names, file) for file in files if file.is_file())
        return Survey(names.main, _size(self._main), tuple(one for one in copies if one))

    @asynccontextmanager
    async def claim(self, *ids: str) -> AsyncIterator[None]:  # noqa: ARG002 - one for the folder
        """SQLite's own lock on a file, which ends with the process that has it."""
        _prepare(self._home)
        ends = time.monotonic() + self.settings.lock_wait
        with closing(sqlite3.connect(self._home / CLAIMS, timeout=0)) as connection:
            while not _taken(connection):
                if time.monotonic() >= ends:
                    raise LockedError(
                        "somebody else works on these branches",
                        hint="DBCTL_LOCK_WAIT=SECONDS waits longer",
                    )
                await asyncio.sleep(PAUSE)
            yield

    async def fill(self, source: str, record: Record, wish: Wish) -> None:
        """Copy a file, mark the copy; it gets its name when all is done."""
        with being_made(self._file(record.id)) as partial:
            await self._filled(source, partial, record, wish)

    async def _filled(self, source: str, partial: Path, record: Record, wish: Wish) -> None:
        if wish.schema_only:
            declared(self._file(source), partial)
            await self._carried(source, partial)
        else:
            await copied(self._file(source), partial, self.settings, _said, lazy=True)
        async with Sqlite(self._url.named(str(partial)), self.settings).open() as session:
            await session.fetch("PRAGMA synchronous = OFF")
            await marked.mark_copy(session, self.settings)
            await session.fetch(PUT, KEY, record.text)

    async def _carried(self, source: str, partial: Path) -> None:
        """What says which revisions the schema has goes along."""
        one, other = self.address(source), self._url.named(str(partial))
        async with (
            Sqlite(one, self.settings).open() as reading,
            Sqlite(other, self.settings).open() as writing,
        ):
            await versions.carry(reading, writing)

    async def swap(self, source: str, record: Record, names: Names, wish: Wish) -> None:
        """Make a copy beside the old one, then write it into that in one transaction.

        The file stays the same one: who has it open would go on with what is no more.
        """
        target = self._file(record.id)
        spare = self._file(names.spare(record.name)).with_suffix(f"{SUFFIX}{PARTIAL}")
        try:
            await self._filled(source, spare, record, wish)
            await copied(spare, target, self.settings, _said)
        finally:
            _removed(spare)

    async def note(self, record: Record) -> None:
        """Write the row."""
        with opening(self._file(record.id)):
            _note(self._file(record.id), record)

    async def drop(self, id: str) -> bool:  # noqa: A002 - an id is one
        """Delete a copy, once its writers are done."""
        path = self._file(id)
        if path.name.endswith(PARTIAL):
            return _removed(path)
        return await Sqlite(self._url.named(str(path)), self.settings).drop()

    def address(self, id: str) -> Url:  # noqa: A002 - as above
        """The file as a URL."""
        return self._url.named(str(self._file(id)))

    def _file(self, id: str) -> Path:  # noqa: A002 - as above
        if id == self._main.name:
            return self._main
        return self._home / (id if id.endswith(PARTIAL) else f"{id}{SUFFIX}")


def _prepare(folder: Path) -> None:
    """Make the folder, out of git's sight. Raises ProviderError where nothing may be written."""
    try:
        prepare(folder.parent)
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise ProviderError(
            f"cannot make {folder}: {error.strerror}", hint="check the folder's permissions"
        ) from error


def _taken(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    return True


def _found(names: Names, file: Path) -> Found | None:
    """The copy that a file is: a branch, what a killed command left of one, or nothing of ours."""
    stem = file.name.split(".")[0]
    if not names.owns(stem) or file.name.endswith(SIDE_FILES[1:]):
        return None
    if file.name.endswith(PARTIAL):
        return Found(file.name, None, _size(file))
    found = _record(file)
    mine = found if found and (found.main, found.id) == (names.main, stem) else None
    return Found(stem, mine, _size(file))


def _record(file: Path) -> Record | None:
    table = own.relation("sqlite", "mark")
    query = f"SELECT value FROM {table} WHERE key = ?"  # noqa: S608 - a constant
    with _reading(file) as connection, suppress(sqlite3.Error):
        rows = connection.execute(query, (KEY,)).fetchall()
        return record.read(rows[0][0]) if rows else None
    return None


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    address = f"{file.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        yield connection


def _note(file: Path, record: Record) -> None:
    with _reading(file) as connection:
        connection.execute(PUT, {"1": KEY, "2": record.text})


def _size(file: Path) -> int | None:
    """Bytes, with what waits in the write-ahead log."""
    sizes = [
        one.stat().st_size for one in (file, file.with_name(f"{file.name}-wal")) if one.exists()
    ]
    return sum(sizes) if sizes else None


def _removed(file: Path) -> bool:
    there = file.exists()
    for suffix in SIDE_FILES:
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    return there


def _said(done: int, whole: int) -> None:
    if 0 < done < whole:
        progress.info("copying  %d %%", done * 100 // whole, extra={"live": True})
