"""Generates rows into a database of given models, and says what it then holds."""

import hashlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from dbctl import Database, Settings, loop
from dbctl.seed import generate
from dbctl.seed.model import Generated


def generated(url: str, metadata: sa.MetaData, *words: str, **options: Any) -> Generated:
    """Make the tables that are missing and generate rows."""

    async def run() -> Generated:
        async with Database(Settings.load(url=url), metadata=metadata) as database:
            await database.create_tables()
            return await generate.run(database, words, **options)

    return loop.run(run())


def answer(url: str, query: sa.Executable) -> Sequence[Any]:
    """The rows of a query, or of nothing for a statement."""

    async def run() -> Sequence[Any]:
        async with Database(Settings.load(url=url)) as database, database.session() as session:
            found = await session.execute(query)
            return found.fetchall() if getattr(found, "returns_rows", True) else []

    return loop.run(run())


def rows(url: str, table: sa.Table) -> list[dict[str, Any]]:
    """All rows in the order of their key, as the models see them."""
    found = answer(url, sa.select(table).order_by(*table.primary_key.columns))
    return [dict(row._mapping) for row in found]


def count(url: str, table: sa.Table) -> int:
    """How many rows a table has."""
    ((number,),) = answer(url, sa.select(sa.func.count()).select_from(table))
    return int(number)


def digest(url: str, *tables: sa.Table) -> str:
    """A checksum of all rows of these tables."""
    text = "\n".join(repr(row) for table in tables for row in rows(url, table))
    return hashlib.sha256(text.encode()).hexdigest()
