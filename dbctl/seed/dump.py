"""Tables written as seed files that `dbctl seed` reads back to the same rows."""

import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from dbctl.database.engine import Database, reason
from dbctl.errors import ProviderError, RefusedError, SeedRefusedError, UnreachableError
from dbctl.seed import cell, keys, values, written, yamlstrict
from dbctl.seed.generated.field import words_of
from dbctl.seed.generated.wanted import named
from dbctl.seed.model import Dumped, DumpedFile, Format
from dbctl.seed.report import Progress
from dbctl.seed.shape import MARK

BATCH = 2_000
# One moment for all tables, as each dialect says it in the first statement of a transaction.
_SNAPSHOT = {
    "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "sqlite": "BEGIN",
}
_SECRET = frozenset(
    {"password", "passwd", "pwd", "passphrase", "secret", "token", "salt", "otp", "totp", "mfa"}
)
_SECRET_KEYS = frozenset({"api", "private", "access", "session", "signing"})


@dataclass(frozen=True)
class Way:
    """How a format is written: its values, its lines, and what stands before them."""

    value: Callable[[Column[Any], Any], written.Write]
    text: Callable[[str], str]
    lines: Callable[[Sequence[str], Iterable[Sequence[Any]]], str]
    head: Callable[[Sequence[str]], str] = lambda _: ""
    limit_bytes: int | None = None  # that the reader takes


WAYS: dict[Format, Way] = {
    Format.csv: Way(written.text, cell.written, written.csv_lines, cell.line),
    Format.jsonl: Way(written.simple, str, written.json_lines),
    Format.yaml: Way(written.simple, str, written.yaml_lines, limit_bytes=yamlstrict.LIMIT),
}


async def run(
    database: Database,
    names: Sequence[str],
    folder: Path,
    *,
    form: Format = Format.csv,
    force: bool = False,
    secrets: bool = False,
) -> Dumped:
    """Write the tables `names` (all of them when there are none) to `folder`.

    Raises NotFoundError for a table that is not there, RefusedError for a file that is there
    unless `force`, SeedRefusedError for values that no file can hold; then no file was changed.
    """
    started = time.perf_counter()
    tables = _tables(database.metadata, names)
    paths = {table: folder / f"{table.name}.{form}" for table in tables}
    _prepare(folder, () if force else paths.values())
    with _aside(paths.values()) as asides:
        async with database.async_engine.connect() as connection:
            await connection.exec_driver_sql(_SNAPSHOT[connection.dialect.name])
            files = [
                await _file(
                    connection,
                    table,
                    paths[table],
                    asides[paths[table]],
                    form=form,
                    secrets=secrets,
                )
                for table in tables
            ]
    return Dumped(tuple(files), round(time.perf_counter() - started, 6))


def _tables(metadata: MetaData, names: Sequence[str]) -> list[Table]:
    found = [named(metadata, name) for name in names] or list(metadata.sorted_tables)
    return list(dict.fromkeys(found))


def _prepare(folder: Path, new: Iterable[Path]) -> None:
    """Make the folder. Raises RefusedError when one of the `new` files is there."""
    for path in new:
        if path.exists():
            raise RefusedError(f"{path} is there", hint="--force writes over it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProviderError(f"cannot make {folder}: {error.strerror}") from error


@contextmanager
def _aside(paths: Iterable[Path]) -> Iterator[dict[Path, Path]]:
    """Files beside the real ones, whose places they take when all is written."""
    made = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in paths}
    try:
        yield made
        for path, aside in made.items():
            aside.replace(path)
    except OSError as error:
        raise ProviderError(f"cannot write {error.filename}: {error.strerror}") from error
    finally:
        for aside in made.values():
            aside.unlink(missing_ok=True)


async def _file(
    connection: AsyncConnection,
    table: Table,
    path: Path,
    aside: Path,
    *,
    form: Format,
    secrets: bool,
) -> DumpedFile:
    """Write one table; the counts and the columns that are kept back."""
    kept = [one for one in table.columns if one.computed is None]
    secret = () if secrets else tuple(one.name for one in kept if is_secret(one))
    source = Source(connection, [one for one in kept if one.name not in secret], WAYS[form])
    with aside.open("w", encoding="utf-8", newline="") as file, _refusals(table):
        rows = await source.write(table, file)
    return DumpedFile(str(path), table.name, rows, secret)


@contextmanager
def _refusals(table: Table) -> Iterator[None]:
    """Turn what cannot be read, or not be written, into an error that names the table."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise SeedRefusedError(f"{table.name} holds half a character: {error.reason}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise UnreachableError(f"the connection was lost: {reason(error)}") from error
        raise SeedRefusedError(
            f"cannot read {table.name}: {reason(error)}",
            hint="do the tables fit the models? `dbctl check` tells",
        ) from error


def is_secret(column: Column[Any]) -> bool:
    """Whether a column is named like one of passwords, tokens or keys."""
    if not isinstance(values.plain(column.type), String | LargeBinary):
        return False
    words = {word.removesuffix("s") for word in words_of(column.name)} | set(words_of(column.name))
    about = {word.removesuffix("s") for word in words_of(column.table.name)}
    if words & _SECRET or ("key" in words and words & _SECRET_KEYS):
        return True
    return "hash" in words and bool(about & _SECRET)


class Source:
    """The columns of one table and how each is written."""

    def __init__(
        self, connection: AsyncConnection, columns: Sequence[Column[Any]], way: Way
    ) -> None:
        self._connection, self._columns, self._way = connection, columns, way
        self._names = [column.name for column in columns]
        self._writes = [way.value(column, connection.dialect) for column in columns]
        self._named: list[tuple[int, written.Write]] = []
        self._queries: list[Any] = []
        for at, column in enumerate(columns):
            self._name(at, column)

    def _name(self, at: int, column: Column[Any]) -> None:
        """Let a foreign key say the natural key of the row that it points at, if that has one."""
        key = _key(column)
        if key is None or isinstance(values.plain(column.type), String):
            return  # the reader would take the mark for a part of the text
        (element,) = key.elements
        target = element.column
        natural = keys.natural(target.table, self._connection.dialect)
        if natural is None or len(natural.names) != 1 or natural.names[0] == target.name:
            return
        name = target.table.c[natural.names[0]]
        query = select(name).where(target == column).correlate(column.table)
        if natural.where is not None:
            query = query.where(natural.where)
        self._named.append((at, written.simple(name, self._connection.dialect)))
        self._queries.append(query.scalar_subquery())

    async def write(self, table: Table, file: TextIO) -> int:
        """All rows, in the order of the primary key; how many there were."""
        total = await self._connection.scalar(select(func.count()).select_from(table)) or 0
        progress, done = Progress(table.name, total), 0
        file.write(self._way.head(self._names))
        async for rows in self._rows(table):
            file.write(self._way.lines(self._names, map(self._written, rows)))
            done += len(rows)
            progress.add(len(rows), done)
            self._require_room(table, file)
        return done

    async def _rows(self, table: Table) -> AsyncIterator[Sequence[Any]]:
        query: Select[Any] = select(*self._columns, *self._queries)
        order = list(table.primary_key.columns) or self._columns
        found = await self._connection.stream(query.order_by(*order))
        async for rows in found.partitions(BATCH):
            yield rows

    def _written(self, row: Sequence[Any]) -> list[Any]:
        pairs = zip(self._writes, row, strict=False)
        made = [write(value) for write, value in pairs]
        for (at, write), name in zip(self._named, row[len(self._columns) :], strict=True):
            if name is not None:
                made[at] = self._way.text(f"{MARK}{write(name)}")
        return made

    def _require_room(self, table: Table, file: TextIO) -> None:
        limit = self._way.limit_bytes
        if limit is not None and file.tell() > limit:
            raise SeedRefusedError(
                f"{table.name} is larger than the {limit // 1_048_576} MiB that are read back",
                hint="--format csv and --format jsonl may be of any size",
            )


def _key(column: Column[Any]) -> ForeignKeyConstraint | None:
    """The foreign key of this column alone, to another table."""
    for key in column.table.foreign_key_constraints:
        if list(key.columns) == [column] and key.referred_table is not column.table:
            return key
    return None
