"""What was loaded, and when: a row a file in a table of dbctl's own (database/own.py)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from dbctl.database import own
from dbctl.seed.model import SeededFile

TABLE = "seed"


@dataclass(frozen=True)
class Entry:
    """A file as it was when it was last loaded."""

    file: str
    hash: str
    rows: int
    loaded: str


def query(dialect: str) -> str:
    """The statement that reads every entry."""
    return f"SELECT file, hash, rows, loaded FROM {own.relation(dialect, TABLE)}"  # noqa: S608 - our own name


def entries(rows: Iterable[Sequence[Any]]) -> dict[str, Entry]:
    """The rows of `query` by file."""
    return {row[0]: Entry(*row) for row in rows}


async def read(connection: AsyncConnection) -> dict[str, Entry]:
    """Every entry."""
    found = await connection.exec_driver_sql(query(connection.dialect.name))
    return entries([tuple(row) for row in found])


async def write(
    connection: AsyncConnection, done: Iterable[SeededFile], hashes: Mapping[str, str]
) -> None:
    """Say what these files held; in the transaction of their rows."""
    relation = own.relation(connection.dialect.name, TABLE)
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    rows = [
        {
            "file": one.file,
            "hash": hashes[one.file],
            "rows": one.inserted + one.updated + one.unchanged,
            "loaded": now,
        }
        for one in done
    ]
    if rows:
        await connection.execute(
            text(
                f"INSERT INTO {relation} (file, hash, rows, loaded)"  # noqa: S608 - our own name
                " VALUES (:file, :hash, :rows, :loaded) ON CONFLICT (file) DO UPDATE SET"
                " hash = excluded.hash, rows = excluded.rows, loaded = excluded.loaded"
            ),
            rows,
        )
