"""Tables emptied before they are seeded anew, in the same transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, inspect

from dbctl.database import own
from dbctl.errors import RefusedError
from dbctl.seed.writer import Writer, named, quoted


async def empty(writer: Writer, tables: Sequence[Table]) -> None:
    """Delete the rows of these tables, and let their counters begin again.

    Raises RefusedError when rows of other tables point at them: those would go, too, or stop it.
    """
    chosen = {(table.schema, table.name): table for table in tables}
    for key in await writer.connection.run_sync(_pointing, chosen):
        await _require_nobody(writer, *key)
    for table in _children_first(chosen.values()):
        await writer.execute(f"DELETE FROM {named(writer.dialect, table)}")  # noqa: S608 - quoted
        await writer.restart(table)


def _pointing(
    connection: Connection, chosen: dict[tuple[str | None, str], Table]
) -> list[tuple[str | None, str, list[str], str]]:
    """Foreign keys of other tables that lead here: schema, table, columns, and where to."""
    look = inspect(connection)
    found: list[tuple[str | None, str, list[str], str]] = []
    for schema in {schema for schema, _ in chosen}:
        keys: Any = look.get_multi_foreign_keys(schema=schema)
        for (_, child), several in keys.items():
            if (schema, child) in chosen or own.is_own(child, schema):
                continue
            for key in several:
                parent = (key["referred_schema"] or schema, key["referred_table"])
                if parent in chosen or (None, parent[1]) in chosen:
                    found.append((schema, child, key["constrained_columns"], parent[1]))
    return found


async def _require_nobody(
    writer: Writer, schema: str | None, child: str, columns: list[str], parent: str
) -> None:
    dialect = writer.dialect
    place = ".".join(quoted(dialect, part) for part in (schema, child) if part)
    there = " AND ".join(f"{quoted(dialect, column)} IS NOT NULL" for column in columns)
    if await writer.fetch(f"SELECT 1 FROM {place} WHERE {there} LIMIT 1"):  # noqa: S608 - quoted
        raise RefusedError(
            f"rows of {child} point at {parent}, which would be emptied",
            hint=f"empty it first: `dbctl tables truncate {child}`, or seed it, too",
        )


def _children_first(tables: Iterable[Table]) -> list[Table]:
    every = list(tables)
    if not every:
        return []
    from dbctl.seed.order import positions

    places = positions(every[0].metadata)
    return sorted(every, key=lambda table: -places[table.key])
