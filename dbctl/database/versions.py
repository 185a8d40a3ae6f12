"""Alembic's version tables, whatever a project calls them: they are told by their one column."""

from dbctl.database import catalog, own
from dbctl.database.server import Session

TABLES = {
    "postgresql": """
SELECT c.oid::regclass::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND (SELECT array_agg(a.attname::text) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) = '{version_num}'
 ORDER BY 1""",
    "sqlite": """
SELECT '"' || replace(m.name, '"', '""') || '"' FROM sqlite_master m
 WHERE m.type = 'table'
   AND (SELECT group_concat(name) FROM pragma_table_info(m.name)) = 'version_num'
 ORDER BY 1""",
}
# What dbctl itself knows of a history, without the ledger's counter.
HISTORY = {
    "ledger": "history, revision, direction, checksum, started, seconds, who, host, tool",
    "step": "history, revision, direction, started",
}


async def tables(session: Session) -> tuple[str, ...]:
    """The version tables, as SQL names them."""
    dialect = (await session.place()).dialect
    return tuple(row[0] for row in await session.fetch(TABLES[dialect]))


async def rows(session: Session) -> tuple[str, ...]:
    """What all version tables say, in order; () where there is none."""
    found = await tables(session)
    if not found:
        return ()
    query = " UNION ".join(f"SELECT version_num FROM {table}" for table in found)  # noqa: S608 - quoted by the database
    return tuple(sorted(str(row[0]) for row in await session.fetch(query)))


async def carry(source: Session, target: Session) -> None:
    """Copy the rows that say which revisions a schema has; the rest of it is empty.

    Without them the next upgrade would make tables that are there.
    """
    dialect = (await source.place()).dialect
    known = {own.relation(dialect, name): columns for name, columns in HISTORY.items()}
    known |= dict.fromkeys(await tables(source), "version_num")
    for table, columns in known.items():
        query = f"SELECT {columns} FROM {table}"  # noqa: S608 - ours, or quoted by the database
        places = ", ".join(f"${at}" for at in range(1, columns.count(",") + 2))
        for row in sorted(await source.peek(query) or (), key=_started):
            await target.fetch(f"INSERT INTO {table} ({columns}) VALUES ({places})", *row)  # noqa: S608 - as above


async def keep_alone(session: Session) -> None:
    """Empty every table of a PostgreSQL database but those that say which revisions it has."""
    kept = set(await tables(session))
    emptied = [row[1] for row in await session.fetch(catalog.TABLES) if row[1] not in kept]
    if await session.peek(f"SELECT 1 FROM {own.relation('postgresql', 'seed')} LIMIT 1"):  # noqa: S608 - a constant
        emptied.append(own.relation("postgresql", "seed"))
    if emptied:
        await session.fetch(f"TRUNCATE {', '.join(emptied)} RESTART IDENTITY")
    for (view,) in await session.fetch(catalog.MATERIALIZED):
        await session.fetch(f"REFRESH MATERIALIZED VIEW {view} WITH NO DATA")


def _started(row: tuple[object, ...]) -> str:
    """When it was done, in the ledger's rows: they are counted anew in that order."""
    return str(row[4]) if len(row) > HISTORY["step"].count(",") + 1 else ""
