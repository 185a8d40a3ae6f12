"""Seed files into the database: one transaction for all of them, nothing twice.

A row that is there is known by its table's key (keys.py) and updated where it differs; running the
same files again changes nothing.
"""

import gc
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError

from dbctl.database import own
from dbctl.database.engine import Database, reason
from dbctl.errors import SeedRefusedError
from dbctl.seed import emptying, files, ledger, scripts
from dbctl.seed.files import File
from dbctl.seed.keys import natural_key
from dbctl.seed.ledger import Entry
from dbctl.seed.model import Seeded, SeededFile
from dbctl.seed.table import Filling
from dbctl.seed.writer import RefusalError, Writer, writing

__all__ = ["natural_key", "run", "table_of", "tables_of"]

log = logging.getLogger("dbctl.seed")


async def run(
    database: Database,
    folder: Path,
    *,
    env: str = "",
    only: Sequence[str] = (),
    dry_run: bool = False,
    replace: bool = False,
    keeps_ledger: bool = False,
    leaves_known: bool = False,
) -> Seeded:
    """Load the seed files of `folder`, and of its folder `env`.

    `only` names files or tables, `replace` empties their tables first, `dry_run` rolls everything
    back at the end. `keeps_ledger`: dbctl's table for it is there. `leaves_known`: of a file that
    the ledger knows as it is only missing rows are inserted, what somebody changed since stays.
    Raises SeedRefusedError; then nothing was written.
    """
    started = time.perf_counter()
    found = _found(database, folder, env, only)
    done: list[SeededFile] = []
    if found:
        with _uncollected():
            work = _Run(database, found, keeps_ledger=keeps_ledger, leaves_known=leaves_known)
            done = await work.all(replace=replace, dry_run=dry_run)
    rows = sum(one.inserted + one.updated for one in done)
    return Seeded(tuple(done), rows, round(time.perf_counter() - started, 6), dry_run)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave the collector of cycles out: rows make none, and it looks at every one of them."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _found(database: Database, folder: Path, env: str, only: Sequence[str]) -> tuple[File, ...]:
    if not folder.is_dir():
        return files.chosen((), only)
    return files.chosen(files.found(folder, env, database.metadata), only)


class _Run:
    """One run over some files."""

    def __init__(
        self, database: Database, found: Sequence[File], *, keeps_ledger: bool, leaves_known: bool
    ) -> None:
        self._database, self._files = database, found
        self._keeps_ledger, self._leaves_known = keeps_ledger, leaves_known
        # Before anything is written: a file for no table is refused at once.
        self._tables = {file: table_of(database, file) for file in found if not file.is_script}
        # Before anything is read: what changes while it is read counts as changed.
        self._hashes = {file.name: file.digest() for file in found} if keeps_ledger else {}
        self._known: Mapping[str, Entry] = {}

    async def all(self, *, replace: bool, dry_run: bool) -> list[SeededFile]:
        """Every file in one transaction."""
        try:
            async with writing(self._database, keep=not dry_run) as writer:
                if replace:
                    await emptying.empty(writer, list(self._tables.values()))
                elif self._keeps_ledger:
                    self._known = await ledger.read(writer.connection)
                done = [await self._one(writer, file) for file in self._files]
                await writer.settle()
                if self._keeps_ledger and not dry_run:
                    await self._say(writer, done)
                return done
        except RefusalError as error:
            raise SeedRefusedError(
                f"the database refuses it: {error}", hint="nothing was written"
            ) from error

    async def _say(self, writer: Writer, done: Sequence[SeededFile]) -> None:
        """What was loaded, into the ledger; where this role may not write there, not."""
        try:
            async with writer.savepoint():
                loaded = [one for one in done if not self._is_known(one)]
                await ledger.write(writer.connection, loaded, self._hashes)
        except DBAPIError as error:
            log.info("what was loaded is not kept: %s", reason(error))

    def _is_known(self, one: SeededFile) -> bool:
        """Whether the ledger says it already."""
        return self._is_same(one.file) and not (one.inserted or one.updated)

    def _is_same(self, name: str) -> bool:
        """Whether a file holds what it held when it was last loaded."""
        entry = self._known.get(name)
        return entry is not None and entry.hash == self._hashes[name]

    async def _one(self, writer: Writer, file: File) -> SeededFile:
        same = self._is_same(file.name)
        if file.is_script and same:
            return SeededFile(file.name, "", 0, 0, self._known[file.name].rows)
        if file.is_script:
            made = await scripts.run(writer, file)
            return SeededFile(file.name, "", made.inserted, made.updated, 0)
        updates = not (same and self._leaves_known)
        filling = Filling(writer, file, self._tables[file], updates=updates)
        made = await filling.run()
        unchanged = filling.rows - made.inserted - made.updated
        table = self._tables[file].key
        return SeededFile(file.name, table, made.inserted, made.updated, unchanged)


def tables_of(database: Database, folder: Path, env: str, only: Sequence[str]) -> tuple[Table, ...]:
    """The tables that a run over these files would fill."""
    found = (file for file in _found(database, folder, env, only) if not file.is_script)
    return tuple(dict.fromkeys(table_of(database, file) for file in found))


def table_of(database: Database, file: File) -> Table:
    """The table that a file is named after. Raises SeedRefusedError when there is none."""
    table = database.metadata.tables.get(file.table)
    if table is None or own.is_own(table.name, table.schema):
        raise SeedRefusedError(
            f"{file.path}: there is no table {file.table!r}",
            hint="a seed file is named after its table: 01_users.csv",
        )
    return table
