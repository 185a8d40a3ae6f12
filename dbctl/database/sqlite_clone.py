"""A copy of a SQLite file that may be written to meanwhile: SQLite's own backup, never a file copy.

A file copy loses what stands in the write-ahead log.
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

from dbctl.database.cloning import Progress
from dbctl.database.sqlite import SIDE_FILES, opening
from dbctl.database.url import Url
from dbctl.errors import (
    LockedError,
    MissingDatabaseError,
    ProviderError,
    RefusedError,
    TakenError,
)
from dbctl.settings import Settings

STEP_BYTES = 64 * 2**20  # a step cannot be interrupted
STEP_SECONDS = 0.1
PARTIAL = ".partial"
# What a file is like before there is a table in it.
KEPT = ("page_size", "auto_vacuum", "encoding", "journal_mode", "user_version", "application_id")
# Virtual tables first, what refers to others last.
DECLARATIONS = """
SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
 ORDER BY CASE WHEN sql LIKE 'CREATE VIRTUAL%' THEN 0 WHEN type = 'table' THEN 1
               WHEN type = 'index' THEN 2 WHEN type = 'view' THEN 3 ELSE 4 END, rowid
"""
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


async def clone(
    source: Url,
    target: Url,
    settings: Settings,
    *,
    end_sessions: bool,  # noqa: ARG001 - nobody has to leave a file
    progress: Progress,
) -> None:
    """Copy the file `source` to `target`; no name of it is seen before it is whole."""
    path = _file(target)
    with being_made(path) as partial:
        await copied(_file(source), partial, settings, progress, lazy=True)


@contextmanager
def being_made(path: Path) -> Iterator[Path]:
    """A new file beside `path`, which gets its name at the end; it is removed when that fails.

    Raises TakenError when somebody else was quicker.
    """
    partial = path.with_name(f"{path.name}.{uuid4().hex[:8]}{PARTIAL}")
    try:
        yield partial
        synced(partial)
        published(partial, path)
    finally:
        for suffix in SIDE_FILES:
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def synced(path: Path) -> None:
    """Have the disk keep a file before it gets its name."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def published(partial: Path, path: Path) -> None:
    """Give a finished file its name, which nobody else may have. Raises TakenError."""
    try:
        os.link(partial, path)  # unlike a rename it never replaces what is there
    except FileExistsError:
        raise TakenError(f"there is a file {path} already") from None
    except OSError:  # a file system without links
        if path.exists():
            raise TakenError(f"there is a file {path} already") from None
        partial.replace(path)


async def copied(
    source: Path, target: Path, settings: Settings, progress: Progress, *, lazy: bool = False
) -> None:
    """Make the file `target` what `source` is at one moment, in one transaction of SQLite's.

    A target that is there is overwritten; who has it open sees the new rows. With `lazy` nothing
    waits for the disk: call `synced` when all is written.
    Raises MissingDatabaseError, LockedError when a writer does not end within --lock-wait.
    """
    _require_file(source)
    steps = _Steps(source, settings.lock_wait, progress)
    with opening(source), _connected(source, "rw") as reading, _connected(target, "rwc") as writing:
        await _pinned(reading, steps)
        pages = max(1, STEP_BYTES // reading.execute("PRAGMA page_size").fetchone()[0])
        if lazy:
            writing.execute("PRAGMA synchronous = OFF")
        with _filling(target):
            reading.backup(writing, pages=pages, progress=steps, sleep=STEP_SECONDS)
            writing.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def declared(source: Path, target: Path) -> None:
    """Make the file `target` with what `source` declares, and none of its rows."""
    _require_file(source)
    with opening(source), _connected(source, "rw") as reading, _connected(target, "rwc") as writing:
        for pragma in KEPT:
            (value,) = reading.execute(f"PRAGMA {pragma}").fetchone()
            writing.execute(f"PRAGMA {pragma} = '{value}'")
        writing.execute("BEGIN")
        for (statement,) in reading.execute(DECLARATIONS).fetchall():
            # The tables inside a virtual one come with it.
            with _going_on():
                writing.execute(statement)
        writing.execute("COMMIT")


@contextmanager
def _going_on() -> Iterator[None]:
    """Go on where a table is there already."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "already exists" not in str(error):
            raise


def _require_file(path: Path) -> None:
    if not path.exists():
        raise MissingDatabaseError(
            f"there is no file {path}", hint="`dbctl up` creates it, or `dbctl database create`"
        )


@contextmanager
def _filling(target: Path) -> Iterator[None]:
    """Say which file could not be written."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ProviderError(f"cannot write {target}: {error}") from error


def _connected(path: Path, mode: str) -> closing[sqlite3.Connection]:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return closing(sqlite3.connect(address, uri=True, timeout=STEP_SECONDS, isolation_level=None))


async def _pinned(reading: sqlite3.Connection, steps: "_Steps") -> None:
    """Begin to read, and keep reading the same state until the connection is closed.

    Without that every commit of somebody else begins the copy anew, which then never ends.
    """
    reading.execute("BEGIN")
    while True:
        try:
            reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in BUSY:
                raise
            steps.require_time()
            await asyncio.sleep(STEP_SECONDS)
        else:
            return


class _Steps:
    """What SQLite calls between two steps: it reports, hears Ctrl-C, and ends a long wait."""

    def __init__(self, file: Path, limit: float, progress: Progress) -> None:
        self._file = file
        self._ends = time.monotonic() + limit
        self._progress = progress
        self._task = asyncio.current_task()

    def __call__(self, status: int, remaining: int, pages: int) -> None:
        """Raises LockedError when the copy waits too long, CancelledError after Ctrl-C."""
        if self._task and self._task.cancelling():
            raise asyncio.CancelledError
        if status in BUSY:
            self.require_time()
        self._progress(pages - remaining, pages)

    def require_time(self) -> None:
        """Raises LockedError when there is none left."""
        if time.monotonic() >= self._ends:
            raise LockedError(
                f"{self._file} is locked: another process writes to it",
                hint="wait for it; DBCTL_LOCK_WAIT=SECONDS waits longer",
            )


def _file(url: Url) -> Path:
    if url.file is None:
        raise RefusedError(
            "an in-memory database ends with the command that made it",
            hint="name a file: sqlite:///data.db",
        )
    return url.file
