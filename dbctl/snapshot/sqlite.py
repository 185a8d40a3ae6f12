"""Snapshots of a SQLite file: `VACUUM INTO` takes one, `os.replace` puts one back.

The copy has what was committed, also where others write meanwhile. Whoever has the replaced file
open cannot write to it any more: SQLite sees that its file has moved.
"""

import asyncio
import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import ClassVar, TypeVar

from dbctl.database import schema
from dbctl.database.server import server
from dbctl.database.sqlite import SIDE_FILES, SqliteSession, opening, quoted
from dbctl.database.url import Url
from dbctl.errors import DamagedError, DbctlError, LockedError
from dbctl.settings import Settings
from dbctl.snapshot import progress, rests, store
from dbctl.snapshot.model import Content, Manifest, ProviderName, Purpose, Rest, TableState
from dbctl.snapshot.provider import Built, Seen, Table, full_name
from dbctl.snapshot.store import Draft

DATA = "data.db"
BLOCK = 1 << 20  # bytes that are copied in one go
BATCH = 1000  # rows that are read in one go
LONGEST = 200  # bytes of a file's name
BUSY_MS = 100
T = TypeVar("T")


class SqliteSnapshots:
    """Snapshots of one file."""

    name: ClassVar[ProviderName] = "sqlite"

    def __init__(self, settings: Settings, url: Url) -> None:
        self._settings = settings
        self._url = url
        self._held: dict[str, int] = {}

    @property
    def _file(self) -> Path:
        return (self._url.file or Path()).resolve()

    async def save(self, draft: Draft, table: Table, jobs: int) -> Seen:  # noqa: ARG002
        """Write what is committed now into one file, without the room that was free in it."""
        async with server(self._settings, self._url).open() as session:
            place = await session.place()
            mode = (await session.fetch("PRAGMA journal_mode"))[0][0]
        target = draft.path / DATA
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, store.FILE_MODE))
        with opening(self._file), closing(_connected(self._file)) as connection:
            connection.execute(f"PRAGMA busy_timeout = {self._settings.lock_wait * 1000:.0f}")
            async with progress.shown("snapshot", progress.file(target), self._file.stat().st_size):
                await _aside(connection.interrupt, lambda: _vacuumed(connection, target))
        details = {"journal_mode": str(mode)}
        return await _seen(target, table, f"SQLite {place.server_version}", details)

    async def published(self, found: Manifest) -> None:
        """Nothing: all of a snapshot is in its folder."""

    async def beside(self, purpose: Purpose) -> str:
        """A new name in the same folder, which what git ignores by its ending holds too."""
        return rests.made(self._file.name, purpose, LONGEST) + self._file.suffix

    async def build(
        self,
        home: Path,
        found: Manifest,
        name: str,
        table: Table,
        jobs: int,  # noqa: ARG002
    ) -> Built:
        """Copy the snapshot's file beside the real one."""
        path, source, stop = self._file.with_name(name), home / found.name / DATA, Event()
        with store.writing(path.parent):
            self._held[name] = store.hold(path)
            total = source.stat().st_size
            async with progress.shown(found.name, progress.file(path), total):
                await _aside(stop.set, lambda: _copied(source, path, stop))
        _require_whole(path)
        seen = await _seen(path, table, found.content.tool, found.content.details)
        return Built(name, *seen)

    async def require_free(self, *, end_sessions: bool) -> None:
        """Nothing: who has a file open cannot be seen, and a writer is waited for."""

    async def swap(self, built: Built, *, end_sessions: bool) -> str | None:  # noqa: ARG002
        """Put the file in the real one's place, which is kept under another name.

        Raises LockedError when others write, or have it open in WAL mode.
        """
        new, file = self._file.with_name(built.name), self._file
        if not file.exists():
            _as_it_was(new, built.content.details.get("journal_mode", ""))
            new.replace(file)
            self._released(built.name)
            return None
        old = file.with_name(await self.beside("old"))
        with opening(file), self._alone() as mode:
            _as_it_was(new, mode)
            _owned(new, file)
            _kept(file, old)
            new.replace(file)
        self._released(built.name)
        return old.name

    @contextmanager
    def _alone(self) -> Iterator[str]:
        """Keep everybody out of the file, with nothing beside it; its journal mode."""
        ends = time.monotonic() + self._settings.lock_wait
        with closing(_connected(self._file)) as connection:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            mode = _patient(lambda: _emptied(connection), ends, self._file)
            try:
                _patient(lambda: connection.execute("BEGIN EXCLUSIVE"), ends, self._file)
                yield mode
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                if mode == "wal":
                    connection.execute("PRAGMA journal_mode = WAL")
                raise

    async def rests(self) -> tuple[Rest, ...]:
        """Files beside the real one that a restore or a check made."""
        found = (self._rest(path) for path in sorted(self._file.parent.glob("*__*")))
        return tuple(one for one in found if one)

    def _rest(self, path: Path) -> Rest | None:
        ending = self._file.suffix
        if not path.is_file() or not path.name.endswith(ending):
            return None
        name = path.name.removesuffix(ending)
        found = rests.read(self._file.name, name, path.stat().st_size, running=store.is_held(path))
        return found and Rest(path.name, found.purpose, found.made, found.bytes, found.running)

    def url(self, name: str) -> Url:
        """The address of what stands beside the database."""
        return self._url.named(str(self._file.with_name(name)))

    async def remove(self, name: str) -> None:
        """Delete a file that stands beside the real one."""
        self._released(name)
        for suffix in SIDE_FILES:
            self._file.with_name(name + suffix).unlink(missing_ok=True)

    def _released(self, name: str) -> None:
        if name in self._held:
            os.close(self._held.pop(name))

    async def forget(self, found: Manifest) -> None:
        """Nothing: all of a snapshot is in its folder."""


def _connected(file: Path, query: str = "mode=rw") -> sqlite3.Connection:
    return sqlite3.connect(
        f"{file.as_uri()}?{query}", uri=True, isolation_level=None, check_same_thread=False
    )


async def _aside(end: Callable[[], None], work: Callable[[], T]) -> T:
    """Run `work` in a thread, so that Ctrl-C is heard: `end` ends it, then we go on."""
    running = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        end()
        with suppress(sqlite3.Error, DbctlError):
            await running
        raise


def _copied(source: Path, target: Path, stop: Event) -> None:
    """Copy a file, onto the disk for good, unless somebody wants to stop."""
    with source.open("rb") as read, target.open("wb") as written:
        while not stop.is_set() and (block := read.read(BLOCK)):
            written.write(block)
        written.flush()
        os.fsync(written.fileno())


def _vacuumed(connection: sqlite3.Connection, target: Path) -> None:
    with store.writing(target.parent.parent):
        connection.execute("VACUUM INTO ?", (str(target),))


async def _seen(file: Path, table: Table, tool: str, details: dict[str, str]) -> Seen:
    """What is in a file that nobody else has open."""
    with closing(_connected(file, "mode=ro")) as connection:
        session = SqliteSession(connection, file)
        look, names = await session.look(*table), await session.names()
        described = await schema.described(session, full_name(table))
        connection.text_factory = bytes  # whatever the text is
        tables = await _aside(
            connection.interrupt, lambda: {name: _state(connection, name) for name in names}
        )
    return Seen(Content(look.place.server_version, tool, tables, described, details), look)


def _state(connection: sqlite3.Connection, name: str) -> TableState:
    """The rows of a table in the order that the file has them in, which a copy keeps."""
    rows, digest = 0, hashlib.sha256()
    cursor = connection.execute(f"SELECT * FROM {quoted(name)} NOT INDEXED")  # noqa: S608 - quoted
    while batch := cursor.fetchmany(BATCH):
        rows += len(batch)
        digest.update(repr(batch).encode())
    return TableState(rows, digest.hexdigest())


def _require_whole(file: Path) -> None:
    """Raises DamagedError for a file that SQLite finds fault with."""
    try:
        with closing(_connected(file)) as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise DamagedError(f"the snapshot is no whole database: {said}")


def _emptied(connection: sqlite3.Connection) -> str:
    """Leave nothing in a write-ahead log, which a new file must not find; the mode it had."""
    mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    if mode == "wal":
        # Refused as long as anybody else has the file open.
        connection.execute("PRAGMA journal_mode = DELETE")
    return mode


def _patient(work: Callable[[], T], ends: float, file: Path) -> T:
    """Do it as soon as others let the file go. Raises LockedError when they do not."""
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() >= ends:
                raise LockedError(
                    f"{file} is in use: another process writes to it, or has its log open",
                    hint="end it, or wait longer with --lock-wait SECONDS",
                ) from error
            time.sleep(BUSY_MS / 1000)


def _as_it_was(file: Path, mode: str) -> None:
    """Give a file the journal mode that the real one had; a copy begins without a log."""
    if mode == "wal":
        with closing(_connected(file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")


def _owned(file: Path, like: Path) -> None:
    """Who may read it may read it again."""
    there = like.stat()
    file.chmod(there.st_mode & 0o7777)
    with suppress(OSError, AttributeError):
        os.chown(file, there.st_uid, there.st_gid)


def _kept(file: Path, old: Path) -> None:
    """A second name for the real file, so that its own is never free."""
    try:
        os.link(file, old)
    except OSError:
        file.rename(old)  # a file system without links
